// Names below localhost are this machine (RFC 6761). Browsers know that by themselves; Node, through which Playwright sends requests of
// its own, asks the system, and not every system knows.
import dns from 'node:dns';

const ask = dns.promises.lookup as (name: string, options: dns.LookupOptions) => Promise<unknown>;

export function resolveBelowLocalhost(): void {
  const lookup: typeof ask = (name, options) => ask(name.replace(/^.+\.localhost$/, 'localhost'), options);
  dns.promises.lookup = lookup as typeof dns.promises.lookup;
}
