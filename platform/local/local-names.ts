// Which names this machine's bank answers to. A page from elsewhere can have a name of its own point at 127.0.0.1 (DNS rebinding), and
// then speaks to us as if we were its own server; but its requests carry that name.
import type { IncomingMessage } from 'node:http';
import type { Listener } from '../../functions/shared/serving/listener.ts';
import { sendProblem } from '../../functions/shared/serving/problem.ts';
import { traceparentFrom } from '../../functions/shared/watch/trace.ts';

/**
 * For browsers: they send cookies to a host whatever the port, so that one of `localhost` also goes to every other program that somebody
 * looks at there. Browsers know names below localhost by themselves; other programs may not, and for them `localhost` is as good.
 */
export const browserName = 'microbank.localhost';

const names = ['localhost', browserName, '127.0.0.1', '[::1]'];
/** Any port: that of a tunnel is another one, and no name becomes ours by it. */
const localAuthority = new RegExp(`^(${names.map(toPattern).join('|')})(:\\d{0,5})?$`, 'i');

/** Hands on what asks for one of our names, and tells everybody else which those are. */
export function byLocalName(listener: Listener): Listener {
  return (request, response) => {
    if (isForLocalName(request)) return listener(request, response);
    const detail = `this is the bank of one machine, served as ${names.join(', ')} only`;
    sendProblem(response, { status: 421, code: 'host_not_served', detail }, traceparentFrom(undefined));
  };
}

/** Host, and the target where that is absolute, since it then counts instead of Host. */
export function isForLocalName({ headersDistinct, url = '/' }: IncomingMessage): boolean {
  const { host: hosts = [] } = headersDistinct;
  if (hosts.length !== 1 || !localAuthority.test(hosts[0] ?? '')) return false;
  if (url.startsWith('/') || url === '*') return true;
  return localAuthority.test(/^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '');
}

/** The root's dot may follow a name, not an address. */
function toPattern(name: string): string {
  const escaped = name.replace(/[[\].]/g, '\\$&');
  return /[a-z]/.test(name) ? `${escaped}\\.?` : escaped;
}
