// What has become of everything after a fault: waits until nothing is owed, then counts in the databases.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { readOwed } from '../../../outbox/status.ts';
import { expectSoundBooks } from '../../../../functions/tests/testing/books.ts';
import type { Answered } from './load.ts';
import type { World } from './world.ts';

export type DeadLetter = { event_id: string; type: string; reason_code: number };

const drainTimeoutMs = 150_000;
const queuesTimeoutMs = 20_000;

/**
 * Fails unless each confirmed command was booked once, each customer was told of each booking once, the books balance, nothing is
 * owed, RabbitMQ is empty and exactly these events are dead letters (in the order of their ids). Prints one line.
 */
export async function expectNothingLost(
  name: string,
  world: World,
  answered: Answered,
  deadLetters: readonly DeadLetter[] = [],
): Promise<void> {
  const drained = await drain(world);
  const { told, lost, doubled, invented } = await countTold(world);
  const line = [
    `${answered.commands} commands (${answered.repeated} repeats)`,
    `${told} notifications, ${lost.length} lost, ${doubled.length} doubled`,
    `${deadLetters.length} dead letters due`,
    `${drained.owedAtFirst} events owed at the end of the fault`,
    `all told after ${seconds(drained.toldMs)}, none owed after ${seconds(drained.settledMs)}`,
  ];
  console.log(`faults: ${name}: ${line.join('; ')}`);

  expect(answered.failed).toEqual([]);
  const { rows } = await world.ledger.query<{ id: number }>(
    `SELECT id::int AS id FROM transaction WHERE type <> 'opening' ORDER BY id`,
  );
  expect(rows.map(({ id }) => id)).toEqual(answered.transactionIds.toSorted((a, b) => a - b));
  expect({ lost, doubled, invented }).toEqual({ lost: [], doubled: [], invented: [] });
  await expectSoundBooks(world.ledger);
  expect(await readDeadLetters(world)).toEqual(deadLetters);
  // RabbitMQ counts what is in a quorum queue every 5 s.
  const isEmpty = async (): Promise<boolean> => Object.keys(await world.queues()).length === 0;
  for (const until = Date.now() + queuesTimeoutMs; !(await isEmpty()) && Date.now() < until;) await sleep(1_000);
  expect(await world.queues()).toEqual({});
}

export async function readDeadLetters({ notifications }: World): Promise<DeadLetter[]> {
  const { rows } = await notifications.query<DeadLetter>(
    'SELECT event_id, type, reason_code FROM dead_letter ORDER BY event_id',
  );
  return rows;
}

type Drained = { owedAtFirst: number; toldMs: number; settledMs: number };

/** Counted from now on; what is told was committed by notify, what is settled has also been found so by the relay. */
async function drain(world: World): Promise<Drained> {
  const startedAt = performance.now();
  const sinceStart = (): number => performance.now() - startedAt;
  let toldMs: number | undefined;
  let owedAtFirst: number | undefined;
  for (;;) {
    const owed = await countOwed(world);
    owedAtFirst ??= owed;
    if (toldMs === undefined && (await countTold(world)).lost.length === 0) toldMs = sinceStart();
    if (owed === 0 && toldMs !== undefined) return { owedAtFirst, toldMs, settledMs: sinceStart() };
    if (sinceStart() > drainTimeoutMs) {
      const { lost } = await countTold(world);
      throw new Error(
        `after ${seconds(sinceStart())} ${owed} events are owed, ${lost.length} not told; ${world.said()}`,
      );
    }
    await sleep(100);
  }
}

async function countOwed({ ledger, users, consumers }: World): Promise<number> {
  const both = await Promise.all([ledger, users].map((pool) => readOwed(pool, consumers)));
  return both.reduce((sum, { owed }) => sum + owed, 0);
}

type Told = { told: number; lost: string[]; doubled: string[]; invented: string[] };

/** Each entry of a customer's account against the notifications about it. */
async function countTold({ ledger, notifications }: World): Promise<Told> {
  const about = `format('transaction %s, account %s, user %s', transaction_id, account_id, user_id) AS about`;
  const [entries, rows] = await Promise.all([
    ledger.query<{ about: string }>(
      `SELECT ${about} FROM entry JOIN account ON account.id = entry.account_id WHERE account.id > 0`,
    ),
    notifications.query<{ about: string; n: number }>(
      `SELECT ${about}, count(*)::int AS n FROM notification GROUP BY about`,
    ),
  ]);
  const due = new Set(entries.rows.map((row) => row.about));
  const told = new Map(rows.rows.map((row) => [row.about, row.n]));
  return {
    told: rows.rows.reduce((sum, { n }) => sum + n, 0),
    lost: [...due].filter((about) => !told.has(about)),
    doubled: [...told].filter(([, n]) => n > 1).map(([about]) => about),
    invented: [...told.keys()].filter((about) => !due.has(about)),
  };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
