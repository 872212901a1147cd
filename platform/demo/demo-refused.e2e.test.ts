// `npm run demo` when it is disturbed, and when it can not do what it is asked.
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { npmStart } from '../local/testing/npm-start.ts';
import { addDemo } from './add-demo.ts';
import { requireLoopback } from './find-bank.ts';
import { queryOf, runDemo, startBank } from './testing/demo-bank.ts';

const temporary = await mkdtemp(join(tmpdir(), 'microbank-demo-'));
await chmod(temporary, 0o711);
const data = join(temporary, 'data');
afterAll(async () => rm(temporary, { recursive: true, force: true }));

const minute = { timeout: 60_000 };
const told = { seed: 1, today: new Date(), say: (): void => undefined };

test('refuses a today that has not come, and a bank on another machine, before it makes anything', minute, async () => {
  const { bank } = await startBank(data);
  const tomorrow = new Date(Date.now() + 86_400_000);
  await expect(addDemo({ ...told, bank, today: tomorrow })).rejects.toThrow('today must not be in the future');
  const strange = { ...bank, address: 'https://bank.example' };
  await expect(addDemo({ ...told, bank: strange })).rejects.toThrow('the bank is at bank.example, not on this machine');
  for (const host of ['localhost', '127.0.0.1', '::1', '/run/postgresql']) requireLoopback('it', host);
  await expect(stat(join(data, 'demo.json'))).rejects.toThrow('ENOENT');
});

test('makes whole what a demo that was cut short has left, wherever that was', minute, async () => {
  const { bank } = await startBank(data);
  await queryOf(
    bank.databases.ledger.adminUrl,
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$cut short$$; END';
     CREATE TRIGGER cut_short BEFORE INSERT ON account FOR EACH ROW WHEN (NEW.currency = 'EUR') EXECUTE FUNCTION refuse()`,
  );
  await expect(addDemo({ ...told, bank })).rejects.toThrow('cut short');
  expect(await queryOf(bank.databases.ledger.adminUrl, 'SELECT id FROM transaction')).toEqual([]);
  await queryOf(bank.databases.ledger.adminUrl, 'DROP FUNCTION refuse CASCADE');

  const unreachable = { ...bank, inside: 'http://127.0.0.1:1' };
  await expect(addDemo({ ...told, bank: unreachable })).rejects.toThrow('fetch failed');
  expect(await queryOf(bank.databases.notifications.adminUrl, 'SELECT id FROM notification')).toEqual([]);

  expect((await addDemo({ ...told, bank })).isNew).toBe(false);
  const late =
    'SELECT count(*)::int AS told, count(*) FILTER (WHERE created_at <> booked_at)::int AS late FROM notification';
  const [inbox] = await queryOf<{ told: number; late: number }>(bank.databases.notifications.adminUrl, late);
  expect(inbox?.told).toBeGreaterThan(300);
  expect(inbox?.late).toBe(0);
});

test('says in one line why it can not', minute, async () => {
  const nobody = join(temporary, 'nobody');
  const { bank } = await startBank(data);
  const elsewhere = { MICROBANK_DATA: data, DATABASE_URL: 'postgres://owner@db.example/postgres' };
  const twisted = { MICROBANK_DATA: data, DATABASE_URL: 'postgres://owner@localhost/postgres?host=db.example' };
  const refused = 'demo: its PostgreSQL is at db.example, not on this machine; a demo is only for a bank that is';
  const wrong: [Record<string, string>, string[], number, string][] = [
    [
      { MICROBANK_DATA: nobody },
      [],
      1,
      `demo: no bank runs on ${nobody}; start one with npm start, or set MICROBANK_DATA`,
    ],
    [
      {},
      ['--today', 'noon'],
      2,
      'demo: --today has to be a time such as 2026-11-25T12:00:00Z (--help shows all options)',
    ],
    [elsewhere, [], 1, refused],
    [twisted, [], 1, refused],
  ];
  for (const [environment, args, code, line] of wrong) {
    const run = await runDemo(environment, ...args);
    expect(run.output.trim().split('\n').at(-1)).toBe(line);
    expect(run.code).toBe(code);
  }
  const file = join(bank.dataFolder, 'demo.json');
  await rm(file);
  const { output, code } = await runDemo({ MICROBANK_DATA: data });
  expect(output).toContain('demo: alice.johnson@example.com, bob.miller@example.com, chiyo.tanaka@example.com');
  expect(output).toContain(`registered already, and there is no ${file} with the password`);
  expect(code).toBe(1);
});

test('works on the PostgreSQL of DATABASE_URL, and takes no other bank for it', minute, async () => {
  const own = await startBank(join(temporary, 'own'));
  const server = new URL(own.bank.databases.ledger.adminUrl);
  server.pathname = '/postgres';
  const guest = { MICROBANK_DATA: join(temporary, 'guest') };
  await npmStart({ ...guest, DATABASE_URL: server.href }).ready();
  await startBank(data);

  const unsaid = await runDemo(guest);
  expect(unsaid.output).toContain(
    `demo: no PostgreSQL runs in ${guest.MICROBANK_DATA}; set DATABASE_URL as the bank has it`,
  );
  const said = await runDemo({ ...guest, DATABASE_URL: server.href });
  expect(said.output).toMatch(/^ {2}alice\.johnson@example\.com +\S{32}$/m);
  expect(said.code).toBe(0);
  const others = await runDemo({ MICROBANK_DATA: data, DATABASE_URL: server.href });
  expect(others.output).toContain(
    'demo: this PostgreSQL is not the one of the bank; set DATABASE_URL as the bank has it',
  );
});

test('two at once make one history, and both give passwords that sign in', minute, async () => {
  const { bank, tokenOf } = await startBank(join(temporary, 'twice'));
  const both = await Promise.all([addDemo({ ...told, bank }), addDemo({ ...told, bank })]);
  expect(both.map(({ isNew }) => isNew).sort()).toEqual([false, true]);
  for (const { customers } of both) expect(await tokenOf(customers.bob)).toMatch(/^ey/);
  const openings = `SELECT count(*)::int AS n FROM transaction WHERE type = 'opening'`;
  expect(await queryOf(bank.databases.ledger.adminUrl, openings)).toEqual([{ n: 9 }]);
});
