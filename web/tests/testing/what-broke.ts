// Hears what goes wrong in any page of a browser and nobody else would notice: thrown errors, violated policies, foreign requests.
import type { BrowserContext } from '@playwright/test';

/** Returns what has broken so far. Refused and cut requests are no breakage: tests cause them, and pages have to show them. */
export function whatBroke(context: BrowserContext): () => string[] {
  const broken: string[] = [];
  context.on('weberror', (error) => broken.push(`thrown: ${error.error().stack ?? error.error().message}`));
  context.on('console', (message) => {
    const isRefused = message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !isRefused) broken.push(`console: ${message.text()}`);
  });
  context.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url());
    const isOurs =
      ['microbank.localhost', 'localhost'].includes(hostname) || ['data:', 'blob:', 'about:'].includes(protocol);
    if (!isOurs) broken.push(`request to ${request.url()}`);
  });
  return () => broken;
}
