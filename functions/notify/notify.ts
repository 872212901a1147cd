// Tells customers what happened to their accounts, once per event. Next in the story: functions/notify/apply-events.ts.
import { accountClosed } from '../../eventing/events/account-closed.ts';
import { accountOpened } from '../../eventing/events/account-opened.ts';
import { transactionCompleted } from '../../eventing/events/transaction-completed.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { givesReceipts } from '../shared/questions/receipts.ts';
import { type ApplyEvent, createApplyEvent } from './apply-events.ts';
import { contract } from './contract.ts';
import { aboutClosing, aboutOpening, aboutTransaction, type Message } from './messages.ts';
import type { IncomingEvent } from '../shared/handler/event.ts';

/**
 * Writes the event's notifications and its inbox row in one commit; a second delivery changes nothing, and events in another
 * order lead to the same: nothing is read, and lists are ordered by when the ledger booked, not by arrival.
 * Throws a fault for data that its contract does not allow: nothing is written, and the broker dead-letters the event.
 */
export async function notify(apply: ApplyEvent, event: IncomingEvent): Promise<void> {
  await apply({ source: event.source, id: event.id, notifications: messagesOf(event) });
}

// A producer may add fields to an event without a new type, so a consumer leaves out what it does not know.
const transactionData = transactionCompleted.data.strip();
const openingData = accountOpened.data.strip();
const closingData = accountClosed.data.strip();

function messagesOf(event: IncomingEvent): Message[] {
  switch (event.type) {
    case transactionCompleted.type:
      return aboutTransaction(transactionData.parse(event.data));
    case accountOpened.type:
      return aboutOpening(openingData.parse(event.data));
    case accountClosed.type:
      return aboutClosing(closingData.parse(event.data));
    default:
      throw new Error(`notify takes no ${event.type}`);
  }
}

export const notifyFunction = defineFunction(contract, (environment) => {
  const apply = createApplyEvent(() => environment.notifications.pool);
  return {
    routes: {},
    onEvent: (event) => notify(apply, event),
    questions: givesReceipts(() => environment.notifications.pool, contract.name),
  };
});
