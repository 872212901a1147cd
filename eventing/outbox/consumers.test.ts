// Who is asked for receipts: the consumers of facts, and not who does commands.
import { expect, test } from 'vitest';
import { transactionCompleted } from '../events/transaction-completed.ts';
import { givenTriggers } from '../testing/broker.ts';
import { readConsumers } from './consumers.ts';

const functionUrl = 'http://{function}.bank.svc';

test('the bank’s own triggers make notify the one consumer, and no command owes anybody a receipt', async () => {
  const { all, types } = await readConsumers(functionUrl);
  expect(all.map(({ name }) => name)).toEqual(['notify']);
  expect(types.filter((type) => type.endsWith('.requested'))).toEqual([]);
});

test('a consumer of facts that does commands as well is asked about the facts', async () => {
  const subscriber = 'http://notify.example/';
  const type = 'com.microbank.transfer.requested';
  const folder = await givenTriggers([{ subscriber }, { subscriber, attributes: { type } }]);
  const { all, of } = await readConsumers(functionUrl, folder);
  const about = { source: '/s', subject: 'x', partitionkey: '1' };
  expect(all.map(({ name }) => name)).toEqual([subscriber]);
  expect(of({ ...about, type: transactionCompleted.type })).toHaveLength(1);
  expect(of({ ...about, type })).toEqual([]);
});
