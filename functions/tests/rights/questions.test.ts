// Who may ask what of whom: every question at every function's root. A function that may ask it, with a token for it, and nobody else.
import { beforeAll, describe, expect, test } from 'vitest';
import { mayAsk, speakers, type Speaker } from '../../../eventing/signing/speakers.ts';
import type { Contract } from '../../shared/contract/function.ts';
import { questionsTo } from '../../shared/describe/asyncapi-questions.ts';
import type { RequestParts } from '../../shared/testing/request.ts';
import { vouch } from '../../shared/testing/speak.ts';
import { startWorld, type World } from '../api/testing/people.ts';
import { callers, forge, givenCallers, tokensOf, type Caller, type Cells } from './testing/callers.ts';
import { fingerprint } from './testing/fingerprint.ts';

let world: World;
let tokens: ReadonlyMap<Caller, string | undefined>;
beforeAll(async () => {
  world = await startWorld();
  tokens = await tokensOf(await givenCallers(world));
}, 30_000);

/** What is asked, by the question's type; it names people and accounts as people.ts does. */
const questions: readonly (readonly [question: string, data: string])[] = [
  ['receipts.requested', '{"events":[{"source":"/microbank/deposit","id":"1"}]}'],
  ['receipts.pruning.requested', '{"sources":["/microbank/deposit"],"before":"2026-01-01T00:00:00Z"}'],
  ['outbox.status.requested', '{}'],
  ['payee.requested', '{"email":"alice@example.com"}'],
  ['user.requested', '{"user_id":<alice>}'],
  ['user.release.requested', '{"user_id":<new user>}'],
  ['teller.dismissal.requested', '{"user_id":<new user>,"dismissed":true}'],
];

test('every question that a function answers has a row', () => {
  const answered = world.bank.contracts.flatMap((contract) => questionsTo(contract).map(({ requested }) => requested));
  expect(questions.map(([type]) => `com.microbank.${type}`).sort()).toEqual([...new Set(answered)].sort());
});

describe.each(questions)('%s', (type, line) => {
  test('is answered to a function that may ask it, and to nobody else', async () => {
    for (const contract of world.bank.contracts) await expectCells(`com.microbank.${type}`, line, contract);
  });
});

async function expectCells(type: string, line: string, contract: Contract): Promise<void> {
  const isAnswered = questionsTo(contract).some(({ requested }) => requested === type);
  const data = await world.fill(line);
  const seen: Partial<Cells> = {};
  const before = isAnswered ? await fingerprint(world.bank) : {};
  for (const caller of callers) {
    seen[caller] = await tell(contract, type, data, shownBy(caller, type, contract));
  }
  const refused = refusalOf(contract, isAnswered);
  expect(seen, contract.name).toEqual(Object.fromEntries(callers.map((caller) => [caller, refused])));
  if (isAnswered) expect(await fingerprint(world.bank), contract.name).toEqual(before);

  const own = vouch(world.bank.issuer, askerOf(type), type, contract.name);
  expect(await tell(contract, type, data, own), contract.name).toBe(isAnswered ? '200' : refused);
  // For this question at this function: not for another function, nor for another question.
  const elsewhere = vouch(world.bank.issuer, askerOf(type), type, 'elsewhere');
  expect(await tell(contract, type, data, elsewhere), contract.name).toBe(refused);
}

function refusalOf({ command, consumes, answers }: Contract, isAnswered: boolean): string {
  if (isAnswered || consumes?.some((consumed) => consumed === '*')) return '401 unauthenticated';
  const takesEvents = (command ?? consumes ?? answers) !== undefined;
  return takesEvents ? '500 cloudevent_type_unexpected' : '404 route_not_found';
}

async function tell({ name }: Contract, type: string, data: string, token: string | undefined): Promise<string> {
  const headers = { 'content-type': 'application/cloudevents+json' };
  const body = `{"specversion":"1.0","id":"${crypto.randomUUID()}","source":"/microbank/relay","type":"${type}","data":${data}}`;
  const parts: RequestParts = { headers, body, token };
  const answer = await world.bank.reach<{ code?: string } | undefined>('POST', `/${name}/`, parts);
  return answer.status >= 400 ? `${answer.status} ${answer.body?.code}` : `${answer.status}`;
}

function shownBy(caller: Caller, type: string, { name }: Contract): string | undefined {
  const { issuer } = world.bank;
  const own = (now?: Date) => vouch(issuer, askerOf(type), type, name, now);
  switch (caller) {
    case 'expired':
      return own(new Date(Date.now() - 10 * 60_000));
    case 'forged signature':
      return forge(own());
    case 'unsigned':
      return own().replace(/[^.]*$/, '');
    case 'signed by another context':
      return vouch(issuer, strangerTo(type), type, name);
    case 'anonymous':
    case 'customer':
    case 'other customer':
    case 'teller':
    case 'removed teller':
    case 'signed-out session':
      return tokens.get(caller);
  }
}

function askerOf(type: string): Speaker {
  return speakers.find((speaker) => mayAsk(speaker, type)) as Speaker;
}

function strangerTo(type: string): Speaker {
  return speakers.find((speaker) => !mayAsk(speaker, type)) as Speaker;
}
