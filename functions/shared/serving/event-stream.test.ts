// Server-sent events as a browser reads them.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startBank } from '../testing/harness.ts';
import { seen, thingsFunction } from '../testing/things-function.ts';

test('streams id, event and data, resumes after Last-Event-ID, and ends its source when the reader leaves', async () => {
  const bank = await startBank({ functions: [thingsFunction] });
  const abortedBefore = seen.aborted;
  const reader = new AbortController();
  const response = await fetch(`${bank.origin}/api/things/stream`, {
    headers: { accept: 'text/event-stream', 'last-event-id': '41' },
    signal: reader.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  const text = await readUntil(response, 'id: 43');
  expect(text).toContain('retry: 2000\n\nid: 42\nevent: tick\ndata: {"text":"line\\n42"}\n\nid: 43\n');

  reader.abort();
  await expect.poll(() => seen.aborted).toBe(abortedBefore + 1);
});

test('ends streams at once when the process stops', async () => {
  const bank = await startBank({ functions: [thingsFunction] });
  const response = await fetch(`${bank.origin}/api/things/stream`);
  await readUntil(response, 'id: 2');
  const stopped = bank.stop().then(() => 'stopped');
  expect(await Promise.race([stopped, sleep(1_000)])).toBe('stopped');
});

async function readUntil(response: Response, end: string): Promise<string> {
  let text = '';
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  while (!text.includes(end)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the stream ended: ${text}`);
    text += value;
  }
  reader.releaseLock();
  return text;
}
