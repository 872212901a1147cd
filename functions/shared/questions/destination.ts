// Names the function that an address leads to, whatever prefix or port the place it runs in gives it.
import { isIP } from 'node:net';

/**
 * `notify` of `http://notify.microbank.svc.cluster.local/` and of `http://127.0.0.1:41234/notify/`: on a laptop all functions
 * share an address whose port changes with each start. Undefined for what is no such address.
 */
export function functionAt(address: string): string | undefined {
  const url = URL.parse(address);
  if (!url) return undefined;
  const isShared = url.hostname === 'localhost' || isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0;
  const name = isShared ? url.pathname.split('/')[1] : url.hostname.split('.')[0];
  return name === '' ? undefined : name;
}
