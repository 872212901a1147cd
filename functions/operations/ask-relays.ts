// Asks the relays what the outboxes owe and whether the books balance: the databases of other contexts stay with them.
import { askOnce } from '../../eventing/outbox/ask.ts';
import { relayStatus } from '../../eventing/outbox/questions.ts';
import type { Config } from '../shared/process/config.ts';
import type { Environment } from '../shared/process/environment.ts';
import { Unavailable } from '../shared/contract/errors.ts';
import { asJsonNumber } from '../shared/contract/money.ts';
import type { Operations } from './contract.ts';

const contexts = ['users', 'ledger'] as const;
const timeoutMs = 10_000;

/** Throws Unavailable when a relay gives no answer, or none answers for a context: a number that is not known is not 0. */
export async function askRelays({
  config,
  voiceOf,
}: Pick<Environment, 'config' | 'voiceOf'>): Promise<Pick<Operations, 'books' | 'events_owed' | 'outbox'>> {
  const asking = { source: '/microbank/operations', voice: voiceOf('operations') };
  const urls = new Set(contexts.map((context) => relayUrlOf(config, context)));
  const answers = await Promise.all(
    [...urls].map((url) =>
      askOnce({ name: 'relay', url: new URL(url) }, relayStatus, {}, timeoutMs, asking).catch((error: unknown) => {
        throw new Unavailable('the relay', error);
      }),
    ),
  );
  const outboxes = answers.flatMap((answer) => answer.outboxes);
  const of = (context: (typeof contexts)[number]): Operations['outbox']['users'] => {
    const found = outboxes.find((outbox) => outbox.context === context);
    if (!found) throw new Unavailable(`the relay of ${context}`, new Error('no relay answered for it'));
    return { owed: found.owed, oldest_age_seconds: found.oldest_age_seconds };
  };
  const books = answers.find((answer) => answer.books)?.books;
  if (!books) throw new Unavailable('the relay of ledger', new Error('no relay knows the books'));
  const outbox = { users: of('users'), ledger: of('ledger') };
  const exact = books.map(({ currency, sum }) => ({ currency, sum: asJsonNumber(sum) }));
  return { books: exact, events_owed: outbox.users.owed + outbox.ledger.owed, outbox };
}

/** RELAY_URL on a cluster, where each context has a relay; on a laptop the one function serves them all. */
function relayUrlOf({ relayUrl, functionUrl }: Config, context: string): string {
  const url = relayUrl?.replace('{context}', context) ?? functionUrl?.replace('{function}', 'relay');
  if (url === undefined) throw new Error('operations needs RELAY_URL or FUNCTION_URL');
  return url.endsWith('/') ? url : `${url}/`;
}
