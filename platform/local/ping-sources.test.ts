// The manifests that wake the relay: the bank's own are read as they are, what can't be done is refused by file and field.
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { readPingSources } from './ping-sources.ts';
import { startRelayTicks } from './relay-ticks.ts';
import { sourcesFolder } from './settings.ts';

const own = await readFile(join(sourcesFolder, 'relay-ledger.yaml'), 'utf8');

async function givenFolder(text: string, file = 'relay.yaml'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sources-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, file), text);
  return folder;
}

test('every context has a source that wakes its relay', async () => {
  const contexts = (await readPingSources(sourcesFolder)).map(({ name, data }) => [name, JSON.parse(data) as object]);
  expect(contexts).toEqual([
    ['relay-ledger', { context: 'ledger' }],
    ['relay-users', { context: 'users' }],
  ]);
});

test("the list of the folder's files that a cluster is given is passed over", async () => {
  const list = 'kind: Kustomization\nresources: [relay.yaml]\n';
  expect(await readPingSources(await givenFolder(list, 'kustomization.yaml'))).toEqual([]);
  await expect(readPingSources(await givenFolder(list, 'kustomize.yaml'))).rejects.toThrow('kustomize.yaml: kind: ');
});

test.each([
  ["'* * * * *'", "'*/5 * * * *'", 'relay.yaml: spec.schedule: must be * * * * *'],
  ['name: relay-ledger }', 'name: deposit }', 'relay.yaml: spec.sink.ref.name: must be a relay'],
  ['contentType:', 'timezone: UTC\n  contentType:', 'relay.yaml: spec.timezone: is not honoured here'],
  ['kind: PingSource', 'kind: ApiServerSource', 'relay.yaml: kind: '],
  ['spec:', 'spec: [', 'relay.yaml: line '],
])('%s as %s is refused', async (from, to, problem) => {
  await expect(readPingSources(await givenFolder(own.replace(from, to)))).rejects.toThrow(problem);
});

test('ticks are the events that Knative sends, the first at once', async () => {
  const received: { url: string | undefined; headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      received.push({ url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(204).end();
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()));

  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/relay`;
  const ticks = startRelayTicks(
    await readPingSources(sourcesFolder),
    { url, proof: 'shown' },
    pino({ level: 'silent' }),
  );
  await expect.poll(() => received.length).toBe(2);
  await ticks.stop();
  expect(received.map(({ url }) => url)).toEqual(['/relay/platform/shown', '/relay/platform/shown']);
  expect(received.find(({ body }) => body.includes('users'))?.headers).toMatchObject({
    'ce-type': 'dev.knative.sources.ping',
    'ce-source': '/apis/v1/namespaces/microbank/pingsources/relay-users',
    'content-type': 'application/json',
  });
});
