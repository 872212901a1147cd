// What a scrape shows when some of it can't be read.
import pino from 'pino';
import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('leaves out what cannot be read, and what hangs, and shows the rest in time for the scrape', async () => {
  const metrics = createMetrics(pino({ level: 'silent' }));
  metrics.gauge({ name: 'known', help: 'k' }, () => Promise.resolve([{ value: 7 }]));
  metrics.gauge({ name: 'failing', help: 'f' }, () => Promise.reject(new Error('away')));
  metrics.gauge({ name: 'hanging', help: 'h' }, () => new Promise(() => undefined));
  const startedMs = performance.now();
  const { text } = await metrics.render();
  expect(performance.now() - startedMs).toBeLessThan(4_500);
  expect(text).toContain('\nknown 7\n');
  expect(text).not.toMatch(/^(failing|hanging)/m);
});
