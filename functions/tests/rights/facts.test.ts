// Who may tell which fact to whom: every event of the bank at every function's root. Nobody but its own context, whoever they are.
import { beforeAll, describe, expect, test } from 'vitest';
import { bankEvents } from '../../../eventing/events/bank-events.ts';
import type { EventContract } from '../../../eventing/events/event-contract.ts';
import { maySay, speakers, type Speaker } from '../../../eventing/signing/speakers.ts';
import type { RequestParts } from '../../shared/testing/request.ts';
import { signed } from '../../shared/testing/speak.ts';
import type { Contract } from '../../shared/contract/function.ts';
import { startWorld, type World } from '../api/testing/people.ts';
import { callers, forge, givenCallers, tokensOf, type Caller, type Cells } from './testing/callers.ts';
import { fingerprint } from './testing/fingerprint.ts';

let world: World;
let tokens: ReadonlyMap<Caller, string | undefined>;
beforeAll(async () => {
  world = await startWorld();
  tokens = await tokensOf(await givenCallers(world));
}, 30_000);

const sources = [
  'deposit',
  'close-account',
  'open-account',
  'register-user',
  'remove-user',
  'edit-profile',
  'change-role',
]
  .concat(['freeze-account', 'set-overdraft-limit'])
  .map((name) => `/microbank/${name}`);

test.each(bankEvents)('$type has one speaker', ({ type }) => {
  expect(speakers.filter((speaker) => sources.some((source) => maySay(speaker, { type, source })))).toHaveLength(1);
});

describe.each(bankEvents)('$type', (fact) => {
  test('is heard by who consumes it, from its own context only, and by nobody else', async () => {
    for (const contract of world.bank.contracts) await expectCells(fact, contract);
  });
});

async function expectCells(fact: EventContract, contract: Contract): Promise<void> {
  const seen: Partial<Cells> = {};
  const isConsumed = contract.consumes?.includes(fact.type) === true;
  const before = isConsumed ? await fingerprint(world.bank) : {};
  for (const caller of callers) seen[caller] = await tell(contract, shownBy(caller, fact));
  const refused = refusalOf(contract, isConsumed);
  expect(seen, contract.name).toEqual(Object.fromEntries(callers.map((caller) => [caller, refused])));
  if (!isConsumed) {
    expect(await tell(contract, byOwnContext(fact)), contract.name).toBe(refused);
    return;
  }
  expect(await fingerprint(world.bank), contract.name).toEqual(before);
  expect(await tell(contract, byOwnContext(fact)), contract.name).toBe('204');
}

/** What stands at a function's root for a fact that is not for it, or not from its context. */
function refusalOf({ command, consumes, answers }: Contract, isConsumed: boolean): string {
  if (isConsumed) return '500 signature_invalid';
  if (consumes?.some((type) => type === '*')) return '401 unauthenticated';
  const takesEvents = (command ?? consumes ?? answers) !== undefined;
  return takesEvents ? '500 cloudevent_type_unexpected' : '404 route_not_found';
}

async function tell({ name }: Contract, parts: RequestParts): Promise<string> {
  const { status, body } = await world.bank.reach<{ code?: string } | undefined>('POST', `/${name}/`, parts);
  return status >= 400 ? `${status} ${body?.code}` : `${status}`;
}

/** People show their tokens, which say nothing about facts; the last three have something like a signature, or nothing. */
function shownBy(caller: Caller, fact: EventContract): RequestParts {
  const parts = messageOf(fact);
  switch (caller) {
    case 'unsigned':
      return parts;
    case 'forged signature': {
      const own = byOwnContext(fact, parts);
      return { ...own, headers: { ...own.headers, 'ce-signature': forge(own.headers?.['ce-signature'] ?? '') } };
    }
    case 'signed by another context':
      return signed(parts, world.bank.issuer, speakerOf(fact) === 'users' ? 'ledger' : 'users');
    case 'anonymous':
    case 'customer':
    case 'other customer':
    case 'teller':
    case 'removed teller':
    case 'signed-out session':
    case 'expired':
      return { ...parts, token: tokens.get(caller) };
  }
}

function byOwnContext(fact: EventContract, parts = messageOf(fact)): RequestParts {
  return signed(parts, world.bank.issuer, speakerOf(fact));
}

function messageOf({ type, dataschema, example }: EventContract): RequestParts {
  const source = sourceOf(type);
  const attributes = { specversion: '1.0', id: crypto.randomUUID(), source, type, dataschema, partitionkey: '1' };
  const headers = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]));
  return { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(example) };
}

function sourceOf(type: string): string {
  return sources.find((source) => speakers.some((speaker) => maySay(speaker, { type, source }))) ?? '';
}

function speakerOf({ type }: EventContract): Speaker {
  return speakers.find((speaker) => maySay(speaker, { type, source: sourceOf(type) })) as Speaker;
}
