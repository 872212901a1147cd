// Who has to apply a fact that an outbox recorded: the subscribers that the Trigger manifests name for it.
import { fileURLToPath } from 'node:url';
import { readTriggers } from '../broker/read-triggers.ts';
import type { Trigger } from '../broker/trigger.ts';
import { isCommandType } from '../events/command-type.ts';

export type Consumer = {
  /** Of its Knative Service; the address itself for a subscriber outside the cluster. */
  name: string;
  url: URL;
};

/** The attributes that a Trigger can filter by, as far as the outbox keeps them. */
export type EventAttributes = { type: string; source: string; subject: string; partitionkey: string };

export type Consumers = {
  /** Types of facts that at least one Trigger names. */
  types: readonly string[];
  /** Every consumer once. */
  all: readonly Consumer[];
  of: (event: EventAttributes) => readonly Consumer[];
};

const triggersFolder = fileURLToPath(new URL('../triggers/', import.meta.url));
const known: readonly string[] = ['type', 'source', 'subject', 'partitionkey'] satisfies (keyof EventAttributes)[];

/**
 * `functionUrl` says where functions are, as in `http://{function}.bank.svc.cluster.local`; without a folder the bank's own
 * triggers are read. Throws TriggersRefused, or an Error for a filter by an attribute that the outbox does not keep.
 */
export async function readConsumers(functionUrl: string, folder: string = triggersFolder): Promise<Consumers> {
  return consumersOf(await readTriggers(folder), functionUrl);
}

function consumersOf(triggers: readonly Trigger[], functionUrl: string): Consumers {
  const consumers = new Map<string, Consumer>();
  const byType = new Map<string, { filter: Trigger['filter']; consumer: Consumer }[]>();
  for (const { name, filter, subscriber } of triggers) {
    // A command is in no outbox: whoever does it gives no receipt, and answers once however often it is sent.
    if (isCommandType(filter.type as string)) continue;
    const unknown = Object.keys(filter).find((attribute) => !known.includes(attribute));
    if (unknown !== undefined)
      throw new Error(`trigger ${name} filters by ${unknown}: nobody could tell which events its subscriber needs`);
    const url = addressOf(subscriber, functionUrl);
    const consumer = consumers.get(url.href) ?? { name: subscriber.service ?? url.href, url };
    consumers.set(url.href, consumer);
    const type = filter.type as string;
    byType.set(type, [...(byType.get(type) ?? []), { filter, consumer }]);
  }

  return {
    types: [...byType.keys()],
    all: [...consumers.values()],
    of(event) {
      const passed = (byType.get(event.type) ?? []).filter(({ filter }) => passes(filter, event));
      return [...new Set(passed.map(({ consumer }) => consumer))];
    },
  };
}

function addressOf({ service, uri }: Trigger['subscriber'], functionUrl: string): URL {
  if (service === undefined) return new URL(uri as string);
  return new URL(functionUrl.replace('{function}', service) + (uri ?? '/'));
}

function passes(filter: Trigger['filter'], event: EventAttributes): boolean {
  return Object.entries(filter).every(([name, value]) => event[name as keyof EventAttributes] === value);
}
