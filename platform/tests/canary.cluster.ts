// New revisions of deposit under load: a good one gets all of the traffic, one that breaks a promise none, and no customer loses money by either.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkout } from '../local/settings.ts';
import { findBank, type TestedBank } from './testing/bank.ts';
import { deployTemplate, revisions, templateOf, type Template } from './testing/broken-revisions.ts';
import { givenDeployedTwice } from './testing/deployed-branch.ts';
import { startDepositors, type Paid } from './testing/depositors.ts';
import { note } from './testing/figures.ts';
import { kubectl } from './testing/kubectl.ts';
import { booksAtOdds, psql } from './testing/psql.ts';

const service = 'deposit';
const depositors = 16;
/** Fewer than usual, so that a small cluster gets there in minutes: one error in this many is allowed, two are not. */
const requests = '200';
const program = 'platform/delivery/canary/canary.ts';

let bank: TestedBank;
let original: Template;
beforeAll(async () => {
  // Canaries ask it: up.sh monitoring.
  await kubectl('--namespace', 'monitoring', 'rollout', 'status', 'deployment/prometheus', '--timeout=180s');
  bank = await findBank();
  original = await templateOf(service);
  await runCanary(['--pin', service]);
});
afterAll(async () => {
  await deployTemplate(service, original);
  const traffic = { spec: { traffic: [{ latestRevision: true, percent: 100 }] } };
  await kubectl('patch', 'ksvc', service, '--type', 'merge', '--patch', JSON.stringify(traffic));
  await kubectl('wait', '--for=condition=Ready', '--timeout=240s', `ksvc/${service}`);
});

type Ended = { code: number; output: string };

async function runCanary(words: readonly string[], folder: string = checkout): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [join(folder, program), ...words], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
    child.stdout?.pipe(process.stdout);
  });
}

type Judged = Ended & { paid: Paid; before: string; after: string };

/** Deploys it while customers pay in, and lets the canary judge it. */
async function judge(kind: keyof typeof revisions, words: readonly string[] = [], folder?: string): Promise<Judged> {
  const before = await revisionWithTraffic();
  const paying = await startDepositors(bank, depositors);
  let ended: Ended | undefined;
  let paid: Paid | undefined;
  try {
    await deployTemplate(service, revisions[kind](original));
    ended = await runCanary(
      [service, '--requests', requests, '--minutes', '6', '--ready-minutes', '4', ...words],
      folder,
    );
  } finally {
    paid = await paying.stop();
  }
  const { confirmed, sentAgain } = paid;
  const verdict = /^(?:promoted|back) after .*$/m.exec(ended.output)?.[0] ?? ended.output;
  await note('canary', kind, `${verdict}; ${confirmed} deposits confirmed, ${sentAgain} sent again`);
  return { ...ended, paid, before, after: await revisionWithTraffic() };
}

async function revisionWithTraffic(): Promise<string> {
  type Target = { revisionName: string; percent?: number };
  const text = await kubectl('get', 'ksvc', service, '--output', 'jsonpath={.status.traffic}');
  const [target, ...others] = (JSON.parse(text) as Target[]).filter(({ percent = 0 }) => percent > 0);
  if (target === undefined || others.length > 0) throw new Error(`the traffic of ${service} is divided: ${text}`);
  return target.revisionName;
}

async function expectBooksRight(): Promise<void> {
  const books = await booksAtOdds();
  expect(Object.keys(books)).not.toEqual([]);
  expect(Object.entries(books).filter(([, broken]) => broken > 0)).toEqual([]);
}

test('a good revision gets all of the traffic', async () => {
  const { code, output, paid, before, after } = await judge('good');
  expect(output).toMatch(/^promoted after \d+ s: \d+ requests, .* and the books are right$/m);
  expect(code).toBe(0);
  expect(after).not.toBe(before);
  expect(paid.differences).toEqual([]);
  await expectBooksRight();
});

test('one that answers 2 % with an error goes back, in git as well', async () => {
  await using repository = await givenDeployedTwice(service, ['sha256:good', 'sha256:bad']);
  const { code, output, paid, before, after } = await judge('errors', ['--back-in-git'], repository.folder);
  expect(output).toMatch(/^back after \d+ s: \d+ of \d+ requests were answered with an error$/m);
  expect([code, after]).toEqual([3, before]);
  // Whoever got an error sent it again with its key, and the money moved once.
  expect(paid.sentAgain).toBeGreaterThan(0);
  expect(paid.differences).toEqual([]);
  await expectBooksRight();
  const { deployed, message } = await repository.tip();
  expect(deployed.images[service]?.content).toBe('sha256:good');
  expect(deployed.refused).toEqual({ [service]: 'sha256:bad' });
  expect(message).toMatch(/^deploy: deposit back to what it was\n\n\d+ of \d+ requests were answered with an error/);
});

test('one that is slow goes back', async () => {
  const { code, output, paid, before, after } = await judge('slow');
  expect(output).toMatch(/^back after \d+ s: \d+ of \d+ requests took longer than 0\.5 s$/m);
  expect([code, after]).toEqual([3, before]);
  expect(paid.differences).toEqual([]);
  await expectBooksRight();
});

test('one that breaks the books goes back, and no deposit is lost', async () => {
  const { code, output, paid, before, after } = await judge('wrong books');
  try {
    expect(output).toMatch(/^back after \d+ s: the books are broken: .*balances/m);
    expect([code, after]).toEqual([3, before]);
    expect(paid.differences).toEqual([]);
    await note('canary', 'cents too much until then', await centsTooMuch(paid.accountIds));
  } finally {
    await mend(paid.accountIds);
  }
  await expectBooksRight();
});

async function centsTooMuch(accountIds: readonly number[]): Promise<number> {
  const held = `(SELECT sum(balance_minor) FROM account WHERE id IN (${accountIds.join()}))`;
  const booked = `(SELECT sum(amount_minor) FROM entry WHERE account_id IN (${accountIds.join()}))`;
  return Number((await psql('ledger', `SELECT ${held} - ${booked}`))[0]);
}

/** Nobody of the bank can, as entries are for ever: what a broken revision did would be looked at for a quarter of an hour. */
async function mend(accountIds: readonly number[]): Promise<void> {
  await psql(
    'ledger',
    `SET LOCAL session_replication_role = replica;
     UPDATE entry e SET balance_after_minor = right_one.total
       FROM (SELECT account_id, version, sum(amount_minor) OVER (PARTITION BY account_id ORDER BY version) AS total
             FROM entry WHERE account_id IN (${accountIds.join()})) right_one
       WHERE e.account_id = right_one.account_id AND e.version = right_one.version;
     UPDATE account a SET balance_minor = (SELECT sum(amount_minor) FROM entry WHERE account_id = a.id)
       WHERE id IN (${accountIds.join()});`,
  );
}
