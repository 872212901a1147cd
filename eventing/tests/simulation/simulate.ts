// One seed: a bank, its customers and everything that goes wrong, until all has come to rest; then the checks.
import { fileURLToPath } from 'node:url';
import { loadFunction } from '../../../functions/shared/process/load-functions.ts';
import type { BankFunction } from '../../../functions/shared/process/define-function.ts';
import { readOwnTriggers } from '../../broker/broker.ts';
import type { Trigger } from '../../broker/trigger.ts';
import { readConsumers, type Consumers } from '../../outbox/consumers.ts';
import { tick as tickForReal, type TickSettings } from '../../outbox/tick.ts';
import { findViolations, markBooks } from './checks.ts';
import { startClients } from './clients.ts';
import { emptyDatabases, type SimulatedDatabases } from './databases.ts';
import { disturb } from './disturb.ts';
import { createLabels } from './labels.ts';
import { createNetwork } from './network.ts';
import { type BrokerKind, openBank } from './open-bank.ts';
import type { Place } from './places.ts';
import { recordPoison } from './poison.ts';
import { pruneAll } from './prune-all.ts';
import { platformProof } from './speech.ts';
import { startTicks, type Ticks } from './ticks.ts';
import { createWorld, type World } from './world.ts';

/** The parts of the bank that a test may replace by worse ones. */
export type Parts = {
  /** One run of the relay. */
  tick: (settings: TickSettings) => Promise<unknown>;
  /** Commands of the customers, and what they are told. */
  functions: readonly BankFunction[];
  notify: BankFunction;
  deadLetter: BankFunction;
  triggers: readonly Trigger[];
  consumers: Consumers;
  /** False: an event is done with when the broker has taken it. */
  settles: boolean;
  /** Each seed has one of them. */
  brokers: readonly BrokerKind[];
};

export type Outcome = {
  seed: number;
  /** Broken promises in words; empty when all is well. */
  violations: string[];
  faults: ReadonlyMap<string, number>;
  events: number;
  /** One line for each thing that happened; the same whenever the seed runs. */
  trace: readonly string[];
};

const stepsMax = 20_000;
/** With the relay's longest pauses of ten minutes, all is done long before. */
const drainMaxMs = 4 * 3_600_000;

export async function loadParts(): Promise<Parts> {
  const names = ['open-account', 'deposit', 'withdraw', 'transfer', 'reverse-transaction'];
  return {
    tick: tickForReal,
    functions: await Promise.all(names.map(loadFunction)),
    notify: await loadFunction('notify'),
    deadLetter: await loadFunction('dead-letter'),
    triggers: await readOwnTriggers({
      triggersFolder: fileURLToPath(new URL('../../triggers/', import.meta.url)),
      platformProof,
    }),
    consumers: await readConsumers('http://{function}'),
    settles: true,
    brokers: ['in process', 'queued', 'queued, loses events', 'queued, loses events'],
  };
}

export async function simulate(seed: number, databases: SimulatedDatabases, parts: Parts): Promise<Outcome> {
  await emptyDatabases(databases);
  const since = await markBooks(databases);
  const labels = createLabels();
  const world = createWorld(seed);
  const around = { world, labels, databases, network: createNetwork(world, labels) };
  const bank = openBank(around, parts);
  try {
    const poison = await recordPoison(around);
    const clients = startClients(around);
    const relay = startTicks(around, parts);

    await storm(world, bank.places, relay);
    const violations = [...clients.problems];
    const isAtRest = async (): Promise<boolean> =>
      world.isIdle() && clients.done() && (await world.outside(() => countOwed(databases, parts))) === 0;
    if (!(await comesToRest(world, isAtRest))) {
      violations.push(`all is not at rest after ${Math.round(world.nowMs() / 60_000)} minutes`);
    }
    const { transactions } = clients;
    const expected = { since, labels, types: parts.consumers.types, transactions, poison, givenUp: bank.givenUp };
    violations.push(...(await world.outside(() => findViolations(databases, expected))));
    if (violations.length === 0 && parts.settles && world.random.chance(0.1))
      violations.push(...(await pruneAll(around, relay)));
    for (const violation of violations) world.note(`VIOLATION: ${violation}`);
    return { seed, violations, faults: world.faults, events: labels.count(), trace: world.trace };
  } finally {
    // What is still open in a transaction is rolled back.
    for (const place of bank.places) await place.kill();
    world.end();
    requireAllConnectionsBack(databases);
  }
}

/** Things go wrong for a while; then never again, and every program runs. */
async function storm(world: World, places: readonly Place[], relay: Ticks): Promise<void> {
  const { random } = world;
  const [stormyMs, steps] = [random.span(20_000, 300_000), 50 + random.below(350)];
  for (let step = 0; step < steps && world.nowMs() < stormyMs; step++) {
    await disturb({ world, places, ticks: relay.underWay, startTick: relay.start });
    await world.step();
  }
  world.note('nothing goes wrong from here on');
  world.calm.is = true;
  for (const place of places) place.repair();
}

async function comesToRest(world: World, isAtRest: () => Promise<boolean>): Promise<boolean> {
  const untilMs = world.nowMs() + drainMaxMs;
  for (let steps = 0; steps < stepsMax && world.nowMs() < untilMs; steps++) {
    if (await isAtRest()) return true;
    await world.step();
  }
  return false;
}

/** One that is kept could hold locks, and the next seed would no longer depend on its number alone. */
function requireAllConnectionsBack({ ledger, notifications }: SimulatedDatabases): void {
  for (const { pool } of [ledger, notifications]) {
    if (pool.idleCount !== pool.totalCount) throw new Error('the simulator has lost a database connection');
  }
}

/** What no consumer has been found to have; without settling, what no broker has taken. */
async function countOwed({ ledger }: SimulatedDatabases, { settles }: Parts): Promise<number> {
  const column = settles ? 'settled_at' : 'handed_over_at';
  const { rows } = await ledger.admin.query<{ owed: number }>(
    `SELECT count(*)::int AS owed FROM outbox WHERE ${column} IS NULL`,
  );
  return rows[0]?.owed ?? 0;
}
