// A Knative Broker without a cluster: routes events by the same Trigger manifests. Next in the story: functions/notify/notify.ts.
// It keeps nothing: 202 only after every subscriber answered, so the sender's outbox keeps what a crash would lose.
import { setMaxListeners } from 'node:events';
import { createPoster } from '../post-event.ts';
import {
  connectionsMax,
  openFrontDoor,
  readOwnTriggers,
  sleepUntilAborted,
  type Broker,
  type BrokerSettings,
} from './broker.ts';
import { createDeliveryCounter } from './delivery-counts.ts';
import { createRouting } from './routing.ts';

/** Throws TriggersRefused, naming file and field, or the listening socket's error. */
export async function startInProcessBroker(settings: BrokerSettings): Promise<Broker> {
  const { resolveSubscriber, log, sleep = sleepUntilAborted, closeTimeoutMs = 5_000 } = settings;
  const triggers = await readOwnTriggers(settings);
  const stopping = new AbortController();
  // Each delivery that waits for its next try listens; their number is limited by the ingress.
  setMaxListeners(0, stopping.signal);
  const poster = createPoster(connectionsMax);
  const counter = createDeliveryCounter(triggers);
  const dispatch = { poster, log, sleep, signal: stopping.signal };
  const { route, queues } = createRouting(triggers, resolveSubscriber, dispatch, counter);
  const door = await openFrontDoor(route, settings);

  return {
    url: door.url,
    counts: counter.counts,
    queues: () => Promise.resolve(queues()),
    async close() {
      stopping.abort();
      await door.close(closeTimeoutMs);
      poster.close();
    },
  };
}
