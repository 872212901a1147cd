// What the edge is set to. The rendered files in platform/base/edge/nginx have `edgeSettings`; tests change ports, folders and the upstream.
import { bodyBytesMax } from '../../functions/shared/reading/body.ts';

export type EdgeSettings = {
  httpPort: number;
  httpsPort: number;
  /** Where nginx's own relay to Kourier listens, on loopback; see render-kourier.ts. */
  relayPort: number;
  /** Kourier's inner gateway, as `host:port`: one address for all functions, which it tells apart by Host. */
  kourier: string;
  /** The cluster's name server, which is asked for Kourier's address while nginx runs. */
  resolver: string;
  resolverValidSeconds: number;
  /** What follows a function's name in its host name. */
  functionDomain: string;
  /** Holds `nginx` (the rendered files), `image` (what differs by image), `keys` (jwks.json, event-keys.json), `secret` (what functions know the edge by) and `tls`. */
  configFolder: string;
  /** Holds `pages` (the built web UI) and `documents` (openapi.json, asyncapi.json). */
  filesFolder: string;
  /** The only folder that is written to. */
  temporaryFolder: string;
  /** Longer than functions may take (timeoutSeconds of their Knative Services), so that the platform speaks first. */
  answerSeconds: number;
  /** The same for the function that streams. */
  streamSeconds: number;
  /** How long a client may be silent while it sends its request. */
  clientSeconds: number;
  bodyBytesMax: number;
  /** Per client address. A page of the UI asks some ten times when it opens. */
  requests: Rate;
  /** Per client address, on what anybody may call and what costs a password hash: signing in and registering. */
  signIns: Rate;
  /** Requests and streams of one client address at the same time; an office is one address. */
  openRequestsMax: number;
};
type Rate = { perSecond: number; burst: number };

export const edgeSettings: EdgeSettings = {
  httpPort: 8080,
  httpsPort: 8443,
  relayPort: 8079,
  kourier: 'kourier-internal.kourier-system.svc.cluster.local:80',
  resolver: 'kube-dns.kube-system.svc.cluster.local',
  resolverValidSeconds: 10,
  functionDomain: 'microbank.svc.cluster.local',
  configFolder: '/etc/edge',
  filesFolder: '/srv/edge',
  temporaryFolder: '/tmp',
  answerSeconds: 70,
  streamSeconds: 310,
  clientSeconds: 10,
  bodyBytesMax,
  requests: { perSecond: 100, burst: 300 },
  signIns: { perSecond: 5, burst: 40 },
  openRequestsMax: 500,
};
