// The edge with what is behind it: real nginx, a name server that knows Kourier's name, and a server in Kourier's place.
import type { EdgeSettings } from '../settings.ts';
import { startNameServer, type NameServer } from './name-server.ts';
import { startNginx, type Nginx } from './start-nginx.ts';
import { startUpstream, type Upstream } from './upstream.ts';

export type Edge = Nginx & { upstream: Upstream; names: NameServer };

/** `address` is what Kourier's name stands for at first; null: Kourier is not there. */
export async function startEdge(
  changes: Partial<EdgeSettings> = {},
  address: string | null = '127.0.0.1',
): Promise<Edge> {
  const upstream = await startUpstream();
  const names = await startNameServer(address);
  const nginx = await startNginx({
    kourier: `kourier-internal.kourier-system.svc.cluster.local:${upstream.port}`,
    resolver: `127.0.0.1:${names.port}`,
    resolverValidSeconds: 1,
    ...changes,
  });
  return {
    ...nginx,
    upstream,
    names,
    async stop() {
      await nginx.stop();
      await Promise.all([upstream.stop(), names.stop()]);
    },
  };
}
