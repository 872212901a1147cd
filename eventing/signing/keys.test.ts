// Published keys as a process has them: fetched once, kept fresh, and not believed for ever.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { makeEventKeys, publishedEventKeys } from '../../platform/local/event-keys.ts';
import { KeysUnavailable, publishedKeys, readKeys } from './keys.ts';

const [first, second] = [await makeEventKeys(), await makeEventKeys()];
const [before, after] = [first[0]!, second[0]!];

async function givenPublisher() {
  const publisher = { body: JSON.stringify(publishedEventKeys(first)), status: 200, asked: 0, url: '' };
  const server = createServer((_request, response) => {
    publisher.asked++;
    response.writeHead(publisher.status).end(publisher.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => server.close().closeAllConnections());
  publisher.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return publisher;
}

test('keys are fetched once, and again for one that is not known, not more often than every two seconds', async () => {
  const publisher = await givenPublisher();
  let ms = 0;
  const keys = publishedKeys(publisher.url, () => ms);
  const found = await Promise.all([keys.find(before.kid), keys.find(before.kid)]);
  expect(found.map((key) => key?.speaker)).toEqual([before.speaker, before.speaker]);
  expect(publisher.asked).toBe(1);

  publisher.body = JSON.stringify(publishedEventKeys([...first, ...second]));
  expect(await keys.find(after.kid)).toBeUndefined();
  expect(publisher.asked).toBe(1);
  ms += 2_001;
  expect((await keys.find(after.kid))?.speaker).toBe(after.speaker);
  for (let i = 0; i < 10; i++) await keys.find(`stranger-${i}`);
  expect(publisher.asked).toBe(2);
});

test('a key that is withdrawn is not known any more within half a minute', async () => {
  const publisher = await givenPublisher();
  let ms = 0;
  const keys = publishedKeys(publisher.url, () => ms);
  await keys.find(before.kid);
  publisher.body = JSON.stringify(publishedEventKeys(second));
  ms += 30_001;
  expect(await keys.find(before.kid)).toBeDefined();
  await expect.poll(() => keys.find(before.kid)).toBeUndefined();
});

test('without an answer nothing is known at first, and nothing is believed after ten minutes', async () => {
  const publisher = await givenPublisher();
  publisher.status = 500;
  let ms = 0;
  const keys = publishedKeys(publisher.url, () => ms);
  await expect(keys.find(before.kid)).rejects.toThrow(KeysUnavailable);
  publisher.status = 200;
  expect(await keys.find(before.kid)).toBeDefined();
  publisher.status = 500;
  ms += 599_000;
  expect(await keys.find(before.kid)).toBeDefined();
  ms += 2_000;
  await expect(keys.find(before.kid)).rejects.toThrow(KeysUnavailable);
});

test('what is no Ed25519 key of a speaker is passed over, and what is published holds nothing private', () => {
  const [jwk] = publishedEventKeys(first).keys as [object];
  expect(JSON.stringify(publishedEventKeys(first))).not.toContain('"d"');
  const odd = [{ ...jwk, speaker: 'deposit' }, { ...jwk, crv: 'X25519' }, { ...jwk, kid: undefined }, {}];
  expect(readKeys({ keys: odd }).size).toBe(0);
  expect(() => readKeys({ keys: 7 })).toThrow();
  expect(readKeys({ keys: [...odd, jwk] }).size).toBe(1);
});
