// Events for tests, valid in every respect but the one that a test is about.
import { transactionCompleted } from '../events/transaction-completed.ts';
import type { OutboxEvent } from '../outbox/outbox-event.ts';

export function givenEvent(id: string = crypto.randomUUID(), changes: Partial<OutboxEvent> = {}): OutboxEvent {
  return {
    id,
    type: transactionCompleted.type,
    source: '/microbank/deposit',
    subject: 'transactions/2',
    time: '2026-11-22T10:17:00.000Z',
    data: transactionCompleted.example,
    partitionkey: '7',
    sequence: '00000000000000000002',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    ...changes,
  };
}

/** Waits for something that becomes true by itself; fails the test after 5 s. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited 5 s for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
