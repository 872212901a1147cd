// The age of the keys that a process signs with, as an alert asks for it.
import type { JWK } from 'jose';
import pino from 'pino';
import { expect, test } from 'vitest';
import { makeEventKeys } from '../../../platform/local/event-keys.ts';
import { makeSigningKey } from '../../../platform/local/signing-key.ts';
import type { Config } from '../process/config.ts';
import { measureKeys } from './key-metrics.ts';
import { createMetrics } from './metrics.ts';

const made = new Date('2026-01-02T03:04:05.678Z');

async function shown(keys: Partial<Config>): Promise<string[]> {
  const metrics = createMetrics(pino({ level: 'silent' }));
  measureKeys(metrics, keys);
  return (await metrics.render()).text.split('\n').filter((line) => line.startsWith('microbank_'));
}

test('says when each key was made, in seconds, by who signs with it', async () => {
  const eventSigningKeys = await makeEventKeys(made);
  const lines = await shown({ eventSigningKeys, signingKey: await makeSigningKey(made) });
  const name = 'microbank_signing_key_made_timestamp_seconds';
  expect(lines.sort()).toEqual(
    [...eventSigningKeys.map(({ speaker }) => speaker), 'tokens']
      .map((speaker) => `${name}{speaker="${speaker}"} ${made.getTime() / 1_000 - 0.678}`)
      .sort(),
  );
});

test('says nothing of a key that does not tell, nor in a process that signs nothing', async () => {
  const key = await makeSigningKey(made);
  expect(await shown({ signingKey: { ...key, iat: undefined } as JWK })).toEqual([]);
  expect(await shown({})).toEqual([]);
});
