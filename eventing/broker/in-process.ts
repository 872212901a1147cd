// A Knative Broker without a cluster: routes events by the same Trigger manifests. Next in the story: functions/notify/notify.ts.
// It keeps nothing: 202 only after every subscriber answered, so the sender's outbox keeps what a crash would lose.
import { setMaxListeners } from 'node:events';
import { createPoster } from '../post-event.ts';
import { connectionsMax, openFrontDoor, sleepUntilAborted, type Broker, type BrokerSettings } from './broker.ts';
import { readTriggers } from './read-triggers.ts';
import { createRouting } from './routing.ts';

/** Throws TriggersRefused, naming file and field, or the listening socket's error. */
export async function startInProcessBroker(settings: BrokerSettings): Promise<Broker> {
  const {
    triggersFolder,
    broker,
    resolveSubscriber,
    log,
    sleep = sleepUntilAborted,
    closeTimeoutMs = 5_000,
  } = settings;
  const triggers = await readTriggers(triggersFolder, broker);
  const stopping = new AbortController();
  // Each delivery that waits for its next try listens; their number is limited by the ingress.
  setMaxListeners(0, stopping.signal);
  const poster = createPoster(connectionsMax);
  const route = createRouting(triggers, resolveSubscriber, { poster, log, sleep, signal: stopping.signal });
  const door = await openFrontDoor(route, settings);

  return {
    url: door.url,
    async close() {
      stopping.abort();
      await door.close(closeTimeoutMs);
      poster.close();
    },
  };
}
