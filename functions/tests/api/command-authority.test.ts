// Commands that speak for somebody through a broker: by an authority that is good for the one command, and for nothing else.
import { generateKeyPair, SignJWT, UnsecuredJWT, decodeJwt, type JWTPayload } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { modes, sendCommand, source, type Command, type Mode } from './testing/events.ts';
import { startWorld, type World } from './testing/people.ts';

let world: World;
let account: number;
beforeAll(async () => {
  world = await startWorld();
  account = (await world.bank.givenAccount(world.alice, { balance: 100 })).id;
});

type Asked = Pick<Command, 'type' | 'data'> & { source: string; id: string };

const deposit = (id: string = crypto.randomUUID()) =>
  ({ type: 'com.microbank.deposit.requested', source, id, data: { account_id: account, amount: 5 } }) satisfies Asked;

async function authorityFor(asked: Asked, token = world.alice.token): Promise<string> {
  const { status, body } = await world.bank.request<{ authority: string }>('POST', '/command-authorities', {
    token,
    body: asked,
  });
  expect(status).toBe(201);
  return body.authority;
}

describe.each(modes)('%s', (mode: Mode) => {
  test('a command is done for whom its authority names, at the root and at its route', async () => {
    for (const to of ['deposit', 'deposit/deposits']) {
      const asked = deposit();
      const reply = await sendCommand(world.bank, mode, { ...asked, to, authority: await authorityFor(asked) });
      expect([reply.status, reply.event?.type]).toEqual([200, 'com.microbank.transaction.completed']);
    }
  });

  test('with another authority for the same command it is the same command', async () => {
    const asked = deposit();
    const first = await sendCommand(world.bank, mode, {
      ...asked,
      to: 'deposit',
      authority: await authorityFor(asked),
    });
    const again = await sendCommand(world.bank, mode, {
      ...asked,
      to: 'deposit',
      authority: await authorityFor(asked),
    });
    const direct = await sendCommand(world.bank, mode, { ...asked, to: 'deposit', token: world.alice.token });
    for (const reply of [again, direct]) {
      expect(reply.headers.get('idempotency-replayed')).toBe('true');
      expect(reply.event?.toJSON()).toEqual(first.event?.toJSON());
    }
  });

  test('it stands for what its holder may do, and no more', async () => {
    const asked = deposit();
    const authority = await authorityFor(asked, world.mallory.token);
    const reply = await sendCommand(world.bank, mode, { ...asked, to: 'deposit', authority });
    expect([reply.status, reply.event?.data?.['code']]).toEqual([200, 'account_not_found']);
  });
});

const bad: Record<string, (asked: Asked) => string | Promise<string>> = {
  'no text of a token': () => 'nonsense',
  'an empty one': () => '',
  'longer than any of ours': () => 'a'.repeat(5_000),
  'for another id': (asked) => authorityFor({ ...asked, id: 'other' }),
  'for another source': (asked) => authorityFor({ ...asked, source: '/other' }),
  'for another type': (asked) => authorityFor({ ...asked, type: 'com.microbank.withdrawal.requested' }),
  'for another amount': (asked) => authorityFor({ ...asked, data: { ...(asked.data as object), amount: 4 } }),
  'for less data': (asked) => authorityFor({ ...asked, data: {} }),
  'an access token': () => world.alice.token,
  'with its signature changed': async (asked) => `${(await authorityFor(asked)).slice(0, -8)}AAAAAAAA`,
  'signed by somebody else': (asked) => forge(asked, {}),
  unsigned: async (asked) => new UnsecuredJWT(decodeJwt(await authorityFor(asked))).encode(),
};

/** As ours would be, by a key that nobody has published. */
async function forge(asked: Asked, changes: JWTPayload): Promise<string> {
  const authority = await authorityFor(asked);
  const [header = ''] = authority.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  return new SignJWT({ ...decodeJwt(authority), ...changes })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'command+jwt', kid })
    .sign(privateKey);
}

describe('an authority that is not for this command is refused, even beside a good token, and nothing changes', () => {
  test.each(Object.entries(bad))('%s', async (_what, make) => {
    const asked = deposit();
    const authority = await make(asked);
    const before = await world.settled();
    for (const mode of modes) {
      for (const [to, status] of [
        ['deposit', 500],
        ['deposit/deposits', 401],
      ] as const) {
        for (const token of [undefined, world.alice.token]) {
          const reply = await sendCommand(world.bank, mode, { ...asked, to, authority, token });
          expect([to, reply.status, reply.code]).toEqual([to, status, 'unauthenticated']);
        }
      }
    }
    expect(await world.settled()).toEqual(before);
  });
});

test('an authority is no access token', async () => {
  const token = await authorityFor(deposit());
  expect((await world.bank.request('GET', '/accounts', { token })).status).toBe(401);
  expect((await world.bank.request('POST', '/command-authorities', { token, body: deposit() })).status).toBe(401);
});

test.each([
  ['type', 'com.microbank.transaction.completed'],
  ['type', 'com.microbank.deposit.requested '],
  ['source', ''],
  ['source', `/${'s'.repeat(255)}`],
  ['id', 'ä'],
  ['data', [1]],
])('is not given for a %s like %j', async (name, value) => {
  const body: object = { ...deposit(), [name]: value };
  const answer = await world.bank.request('POST', '/command-authorities', { token: world.alice.token, body });
  expect([answer.status, (answer.body as { code: string }).code]).toEqual([422, 'validation_failed']);
});

test('what was refused is counted, by why', async () => {
  const { text } = await world.bank.environment.metrics.render();
  const counted = [...text.matchAll(/^microbank_command_authorities_refused_total\{reason="(\w+)"\} (\d+)$/gm)];
  const counts = new Map(counted.map(([, reason, count]) => [reason, Number(count)]));
  expect([...counts.keys()].sort()).toEqual(['expired', 'foreign', 'invalid', 'missing', 'session_ended']);
  expect(counts.get('foreign')).toBeGreaterThan(0);
  expect(counts.get('invalid')).toBeGreaterThan(0);
});
