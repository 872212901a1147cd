// The broker of a laptop: the real routing, and an answer only when every subscriber has given its own.
import { readEvent } from '../../events/carried-event.ts';
import { createRouting, type ResolveSubscriber } from '../../broker/routing.ts';
import type { Trigger } from '../../broker/trigger.ts';
import type { Handler } from './network.ts';
import { silent, type Surroundings } from './programs.ts';

export function startRoutingBroker(
  { world, network }: Surroundings,
  triggers: readonly Trigger[],
  resolve: ResolveSubscriber,
): Handler {
  const { route } = createRouting(triggers, resolve, {
    poster: network.poster,
    log: silent,
    sleep: (ms) => world.sleep(ms),
    signal: new AbortController().signal,
  });

  return async ({ headers, body }) => {
    const event = readEvent(headers, body);
    const status = event === undefined ? 400 : (await route(event)) ? 202 : 503;
    return { status, headers: {}, body: Buffer.alloc(0) };
  };
}
