// openapi.json against the bank that it describes: schemathesis sends what its schemas allow and what they do not, as a customer and as a teller.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readContracts } from '../../../eventing/contracts/contract-files.ts';
import { launchBank, type Launched } from '../../../platform/local/testing/npm-start.ts';
import type { Route } from '../../shared/contract/function.ts';
import { runSchemathesis, type Finding, type Run } from './testing/run-schemathesis.ts';

/** For each role; the phases that count what the schemas can do take most of a minute. */
const seconds = Number(process.env['SCHEMA_TEST_SECONDS'] ?? 300);

const routes = (await readContracts()).flatMap(({ routes }) => Object.entries<Route>(routes));

/** Nobody's request is ever accepted, for what cannot be generated. */
const neverAccepted: Readonly<Record<string, string>> = {
  'POST /passkeys': 'an authenticator answers a challenge',
  'DELETE /passkeys/{id}': 'there is none without an authenticator',
  'POST /web-sessions/passkey': 'an authenticator answers a challenge',
  'POST /web-sessions/current/renewal': 'it takes a cookie, and requests have a token',
  'POST /operations/dead-letters/{id}/redrive': 'a bank where nothing fails has no dead letters but forged ones',
};

let bank: Launched;
let folder: string;
let address: string;
/** Resolves when the broker has given up on it, after half a minute. */
let forged: Promise<unknown>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'microbank-'));
  // A day's limit would be reached in seconds, and say the same of every request after it.
  bank = launchBank({ MICROBANK_DATA: folder, CASH_DESK_DAILY_LIMIT: String(1e14) });
  address = await bank.ready();
  forged = forgeEvent();
}, 120_000);

afterAll(async () => {
  await bank.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

describe.each(['customer', 'teller'] as const)('as a %s', (role) => {
  let run: Run;
  beforeAll(
    async () => {
      if (role === 'teller') await forged;
      run = await runSchemathesis({ address, tellerFile: join(folder, 'teller.json') }, role, seconds);
      console.log(`${role}: ${run.report.test_cases.generated} requests and more in ${seconds} s`);
    },
    (seconds + 120) * 1000,
  );

  test('every operation is asked, and nothing but the time ends it', () => {
    const { errors, stop_reason, operations } = run.report;
    expect({ errors, stop_reason, tested: operations.tested }, run.output).toEqual({
      errors: [],
      stop_reason: expect.stringMatching(/^(max_time|completed)$/) as string,
      tested: routes.length,
    });
    // Its failures are those that were told, each below under its operation.
    expect(run.code, run.output).toBe(run.findings.length > 0 ? 1 : 0);
  });

  test.each(routes)('%s answers as it is described', (operation) => {
    expect(run.findings.filter((finding) => finding.operation === operation).map(inWords)).toEqual([]);
  });

  const mayBeAccepted = routes.filter(
    ([operation, { access }]) => !(operation in neverAccepted) && (role === 'teller' || access !== 'teller'),
  );
  test.each(mayBeAccepted)('%s accepts something', (operation) => {
    expect(Object.keys(run.counts[operation] ?? {})).toContainEqual(expect.stringMatching(/^2/));
  });
});

/** Becomes a dead letter, since nobody of the bank has signed it: of a bank where nothing fails the only one. */
async function forgeEvent(): Promise<void> {
  const { broker } = JSON.parse(await readFile(join(folder, 'running.json'), 'utf8')) as { broker: string };
  const event = { specversion: '1.0', id: 'forged', source: '/nobody', type: 'com.microbank.account.closed', data: {} };
  const headers = { 'content-type': 'application/cloudevents+json' };
  await fetch(broker, { method: 'POST', headers, body: JSON.stringify(event) });
}

function inWords({ title, message, request, status, answer }: Finding): string {
  return [title, message, request, `${status} ${answer}`].join('\n');
}
