// Who may say what (eventing/signing/speakers.ts), held against the contracts: an event that is not in the table would be refused by its consumers.
import { expect, test } from 'vitest';
import { bankEvents } from '../../eventing/events/bank-events.ts';
import { receipts, receiptsPruning, relayStatus } from '../../eventing/outbox/questions.ts';
import { mayAsk, maySay, speakerOf, speakers, wordsOf } from '../../eventing/signing/speakers.ts';
import { functionNames, loadFunction } from '../shared/process/load-functions.ts';
import type { Contract } from '../shared/contract/function.ts';

const contracts: Contract[] = (await Promise.all((await functionNames()).map(loadFunction))).map((fn) => fn.contract);

test('each function’s events are said by the context of its database, and by nobody else', () => {
  for (const { name, emits = [], databases } of contracts) {
    for (const type of emits) {
      const event = { type, source: `/microbank/${name}` };
      expect(speakerOf(event), `${type} of ${name} is not in eventing/signing/speakers.ts`).toBe(databases[0]);
      expect(speakers.filter((speaker) => maySay(speaker, event))).toHaveLength(1);
    }
  }
});

test('nobody may say what no function says, nor ask what no function answers', () => {
  const sources = contracts.filter(({ emits = [] }) => emits.length > 0).map(({ name }) => name);
  const asked = [
    ...contracts.flatMap(({ answers = [] }) => answers),
    ...[receipts, receiptsPruning, relayStatus].map(({ requested }) => requested),
  ];
  const words = speakers.map(wordsOf);
  expect(words.flatMap((one) => one.sources).sort()).toEqual(sources.sort());
  expect(words.flatMap((one) => one.facts).sort()).toEqual(bankEvents.map(({ type }) => type).sort());
  expect([...new Set(words.flatMap((one) => one.questions))].sort()).toEqual([...new Set(asked)].sort());
  for (const question of asked)
    expect(
      speakers.some((speaker) => mayAsk(speaker, question)),
      question,
    ).toBe(true);
});
