// Whom a function believes what the edge says of a client: its address, scheme and prefix (X-Forwarded-For, -Proto, -Prefix).
// Where a request comes from proves nothing: on a cluster all of them come from queue-proxy, on loopback, whoever sent them. So the
// edge shows a secret that it shares with the functions. Host nobody reads: links are made of paths alone.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Listener } from './framework.ts';

/** The edge lets no client's header of this name through. */
export const edgeSecretHeader = 'x-microbank-edge';

const saidByEdge = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-real-ip',
];

/** Takes the edge's words out of requests that do not show one of the secrets; without any secret, out of all. */
export function believeEdge(listener: Listener, secrets: readonly string[] = []): Listener {
  const known = secrets.map(digest);
  return (request, response) => {
    const shown = request.headers[edgeSecretHeader];
    // From here on nothing has it, so nothing logs it or passes it on.
    request.headers[edgeSecretHeader] = undefined;
    if (typeof shown !== 'string' || !isOneOf(known, digest(shown))) forgetEdge(request);
    listener(request, response);
  };
}

/** What is left says the same as a request that came straight to us. */
export function forgetEdge({ headers }: IncomingMessage): void {
  for (const name of saidByEdge) headers[name] = undefined;
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function isOneOf(known: readonly Buffer[], shown: Buffer): boolean {
  return known.some((secret) => timingSafeEqual(secret, shown));
}
