// What up.sh makes of random numbers: a key that signs what the published key verifies, and Secrets that a real kubectl would take.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, importJWK, jwtVerify, SignJWT, type JWK } from 'jose';
import { onTestFinished, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readKeys } from '../../eventing/signing/keys.ts';
import { speakers } from '../../eventing/signing/speakers.ts';

type Made = { type: string; metadata: { name: string; labels: object }; stringData: Record<string, string> };

/** Runs functions of secrets.sh with a kubectl that is a script: it keeps what it is given, and answers with the key that it kept. */
async function run(commands: string): Promise<{ made: Made; published: string; again: () => Promise<string> }> {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-secrets-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const kubectl = `#!/bin/bash
cd "${folder}" || exit
case "$*" in
  *'create --filename -') cat >made.yaml ;;
  *'create configmap'*) cat >published.json; echo applied ;;
  *'get secret signing-key --output jsonpath'*) sed -n 's/^    {/{/p' made.yaml | tr -d '\\n' | base64 -w 0 ;;
  *'apply'*) cat >/dev/null ;;
  *'get secret'*) exit 1 ;;
  *'get configmap'*) cat published.json ;;
esac`;
  await writeFile(join(folder, 'kubectl'), kubectl, { mode: 0o755 });
  const call = async (): Promise<unknown> =>
    promisify(execFile)('bash', ['-c', `source ./lib.sh; source phases/secrets.sh; ${commands}`], {
      cwd: import.meta.dirname,
      env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    });
  await call();
  const read = async (file: string): Promise<string> => readFile(join(folder, file), 'utf8').catch(() => '');
  return {
    made: parse(await read('made.yaml')) as Made,
    published: await read('published.json'),
    again: async () => call().then(async () => read('published.json')),
  };
}

test('the published key verifies what the private one signs, and has no private part', async () => {
  const { made, published } = await run('make_signing_key; publish_verification_key');
  const key = JSON.parse(made.stringData['SIGNING_KEY'] ?? '') as JWK;
  const { keys } = JSON.parse(published) as { keys: JWK[] };
  expect(keys).toHaveLength(1);
  expect(keys[0]).toEqual({ kty: 'OKP', crv: 'Ed25519', x: key.x, kid: key.kid, alg: 'EdDSA', use: 'sig' });
  expect(key.kid).toBe(await calculateJwkThumbprint(key));
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'EdDSA' }).sign(await importJWK(key));
  await jwtVerify(token, await importJWK(keys[0]!));
});

test('a published set that has the key stays as it is, so that an old key beside it stays valid', async () => {
  const keepKey = '[ -s "$(dirname "$(command -v kubectl)")/made.yaml" ] || make_signing_key';
  const { published, again } = await run(`${keepKey}; publish_verification_key`);
  expect(published).not.toBe('');
  expect(await again()).toBe(published);
});

test('each speaker has a key of its own that says whose it is, all are published, and one that is published stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-event-keys-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  // Keeps each Secret in a file, and answers with what it kept.
  const kubectl = `#!/bin/bash
cd "${folder}" || exit
case "$*" in
  *'create --filename -') cat >new; mv new "$(sed -n 's/^  name: //p' new).secret" ;;
  *'create configmap'*) cat >event-keys.json ;;
  *'get secret'*'jsonpath'*) for name; do :; done; for word in $*; do [ -e "$word.secret" ] && sed -n 's/^    //p' "$word.secret" | tr -d '\\n' | base64 -w 0; done ;;
  *'apply'*) cat >/dev/null ;;
  *'get secret'*) for word in $*; do [ -e "$word.secret" ] && exit 0; done; exit 1 ;;
  *'get configmap'*) cat event-keys.json ;;
esac
exit 0`;
  await writeFile(join(folder, 'kubectl'), kubectl, { mode: 0o755 });
  const call = async (commands: string) =>
    promisify(execFile)('bash', ['-c', `source ./lib.sh; source phases/secrets.sh; ${commands}`], {
      cwd: import.meta.dirname,
      env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    });
  const read = async () => JSON.parse(await readFile(join(folder, 'event-keys.json'), 'utf8')) as { keys: object[] };

  await call('make_event_keys; publish_event_keys');
  const first = await read();
  expect([...readKeys(first).values()].map(({ speaker }) => speaker)).toEqual(speakers);
  expect(JSON.stringify(first)).not.toContain('"d"');
  await call('make_event_keys; publish_event_keys');
  expect(await read()).toEqual(first);

  await rm(join(folder, 'event-key-ledger.secret'));
  await call('make_event_keys; publish_event_keys');
  expect((await read()).keys).toEqual([...first.keys, expect.objectContaining({ speaker: 'ledger' })]);

  const manifests = join(folder, 'manifests.yaml');
  await writeFile(manifests, 'uri: /platform/PLATFORM_PROOF\nother: PLATFORM_PROOF\n');
  await call(`make_platform_proof; fill_platform_proof ${manifests}`);
  expect(await readFile(manifests, 'utf8')).toMatch(/^uri: \/platform\/[0-9a-f]{48}\nother: PLATFORM_PROOF\n$/);
});

test('a database’s Secret has its addresses, and a password that is in no other', async () => {
  const make = 'make_database_secret database-ledger microbank_ledger ledger bank-pooler';
  const [{ made }, other] = [await run(make), await run(make)];
  const { username, password = '', DATABASE_URL, LISTEN_URL } = made.stringData;
  expect(made).toMatchObject({ type: 'kubernetes.io/basic-auth', metadata: { name: 'database-ledger' } });
  expect(made.metadata.labels).toMatchObject({ 'cnpg.io/reload': 'true' });
  expect(username).toBe('microbank_ledger');
  expect(password).toMatch(/^[0-9a-f]{48}$/);
  expect(password).not.toBe(other.made.stringData['password']);
  expect(DATABASE_URL).toBe(
    `postgres://microbank_ledger:${password}@bank-pooler.microbank.svc.cluster.local:5432/ledger`,
  );
  expect(LISTEN_URL).toBe(`postgres://microbank_ledger:${password}@bank-rw.microbank.svc.cluster.local:5432/ledger`);
});
