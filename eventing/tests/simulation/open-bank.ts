// All programs of the bank at their places: two copies that take commands, one whose commits come late, broker and consumers.
import type { Trigger } from '../../broker/trigger.ts';
import type { BankFunction } from '../../../functions/shared/process/define-function.ts';
import type { ResolveSubscriber } from '../../broker/routing.ts';
import { startRoutingBroker } from './in-process-broker.ts';
import type { Handler } from './network.ts';
import { openPlace, type Place } from './places.ts';
import { startProgram, type Surroundings } from './programs.ts';
import { createQueues, startQueuedBroker } from './queued-broker.ts';

export type OpenBank = {
  places: readonly Place[];
  /** Events whose every try of some delivery failed, so that they may be dead letters. */
  givenUp: ReadonlySet<string>;
};

/** A laptop's broker; ours on RabbitMQ, or any that keeps its word; and Knative's on RabbitMQ, which does not always. */
export type BrokerKind = 'in process' | 'queued' | 'queued, loses events';

export type BankParts = {
  brokers: readonly BrokerKind[];
  functions: readonly BankFunction[];
  notify: BankFunction;
  deadLetter: BankFunction;
  triggers: readonly Trigger[];
};

export function openBank(
  around: Surroundings,
  { brokers, functions, notify, deadLetter, triggers }: BankParts,
): OpenBank {
  const { world, network } = around;
  const kind = world.random.pick(brokers);
  world.note(`broker: ${kind}`);
  const queues = createQueues(triggers);
  const commanded = new Set(functions.map(({ contract }) => contract.name));
  // Who does commands is served by two programs, as a Service is by its copies.
  const resolve: ResolveSubscriber = (service, uri = '/') =>
    commanded.has(service)
      ? `http://${world.random.pick(['bank-1', 'bank-2'])}/${service}${uri}`
      : `http://${service}${uri}`;
  const startBroker = (): Handler =>
    kind === 'in process'
      ? startRoutingBroker(around, triggers, resolve)
      : startQueuedBroker(around, queues, { loses: kind === 'queued, loses events', resolve });

  const givenUp = new Set<string>();
  const keep = (handler: Handler): Handler => {
    return (received) => {
      // Only what comes here with the broker's word that all tries failed is a dead letter.
      const { 'ce-id': id, 'ce-knativeerrordest': destination } = received.headers;
      if (id !== undefined && destination !== undefined) givenUp.add(id);
      return handler(received);
    };
  };
  const open = (name: string, start: () => Handler): Place => openPlace(world, network, name, start);
  const places = [
    open('broker', startBroker),
    open('bank-1', () => startProgram(around, functions)),
    open('bank-2', () => startProgram(around, functions)),
    open('bank-late', () => startProgram(around, functions, { commitsLate: true })),
    open('notify', () => startProgram(around, [notify])),
    open('dead-letter', () => keep(startProgram(around, [deadLetter]))),
  ];
  return { places, givenUp };
}
