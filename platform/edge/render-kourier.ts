// kourier.conf: the way to Kourier, as a relay on loopback inside of nginx.
import { writtenBy } from './nginx-text.ts';
import type { EdgeSettings } from './settings.ts';

/**
 * An http upstream keeps connections, but has its address looked up once, at the start, which fails while Kourier is absent
 * (`server … resolve` needs nginx 1.27.3). A stream proxy to a variable looks it up as it connects. One in front of the other
 * does both: connections are kept, the edge starts alone, and follows a Service that is made anew.
 */
export function renderKourier(settings: EdgeSettings): string {
  const { relayPort, kourier, resolver, resolverValidSeconds, streamSeconds } = settings;
  return `${writtenBy}
error_log stderr error;
resolver ${resolver} valid=${resolverValidSeconds}s ipv6=off;
resolver_timeout 3s;

server {
  listen 127.0.0.1:${relayPort};
  # A variable, so that the name is looked up when somebody connects.
  set $kourier ${kourier};
  proxy_pass $kourier;
  proxy_connect_timeout 5s;
  # Longer than anything that http waits for on these connections.
  proxy_timeout ${streamSeconds + 30}s;
  proxy_socket_keepalive on;
}
`;
}
