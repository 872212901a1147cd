// What only the platform says: ticks to the relays, dead letters to their sink. Nobody else, whatever they show.
import { beforeAll, expect, test } from 'vitest';
import { proofPath } from '../../../eventing/signing/platform-proof.ts';
import { transactionCompleted } from '../../../eventing/events/transaction-completed.ts';
import { startWorld, type World } from '../api/testing/people.ts';
import { callers, givenCallers, tokensOf, type Caller, type Cells } from './testing/callers.ts';
import { fingerprint } from './testing/fingerprint.ts';

let world: World;
let tokens: ReadonlyMap<Caller, string | undefined>;
beforeAll(async () => {
  world = await startWorld();
  tokens = await tokensOf(await givenCallers(world));
}, 30_000);

const ownPrefix = 'com.microbank.';
const rows: readonly (readonly [name: string, type: string])[] = [
  ['relay', 'dev.knative.sources.ping'],
  ['dead-letter', '*'],
];

test('everything that a function takes from the platform has a row', () => {
  const taken = world.bank.contracts.flatMap(({ name, consumes = [] }) =>
    consumes.filter((type) => !type.startsWith(ownPrefix)).map((type) => `${name} ${type}`),
  );
  expect(rows.map(([name, type]) => `${name} ${type}`).sort()).toEqual(taken.sort());
});

test.each(rows)('%s takes %s from the platform only', async (name, consumed) => {
  const type = consumed === '*' ? transactionCompleted.type : consumed;
  const send = async (path: string, token?: string): Promise<string> => {
    const event = {
      specversion: '1.0',
      id: crypto.randomUUID(),
      source: '/s',
      type,
      knativeerrordest: 'http://notify/',
    };
    const headers = Object.fromEntries(Object.entries(event).map(([attribute, value]) => [`ce-${attribute}`, value]));
    const parts = { headers, body: '{}', token };
    const { status, body } = await world.bank.reach<{ code?: string } | undefined>('POST', `/${name}${path}`, parts);
    return status >= 400 ? `${status} ${body?.code}` : `${status}`;
  };
  const before = await fingerprint(world.bank);
  const seen: Partial<Cells> = {};
  for (const [caller, token] of tokens) seen[caller] = await send('/', token);
  expect(seen).toEqual(Object.fromEntries(callers.map((caller) => [caller, '401 unauthenticated'])));
  const { platformProof } = world.bank.issuer;
  for (const wrong of ['', 'x', platformProof.slice(1), `${platformProof}x`, 'PLATFORM_PROOF'])
    expect(await send(proofPath(wrong)), wrong).toBe('401 unauthenticated');
  expect(await fingerprint(world.bank)).toEqual(before);
  expect(await send(proofPath(platformProof))).toBe('204');
});
