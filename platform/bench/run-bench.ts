// The measurement: rounds in which every cell has its turn, so that a slow minute of the machine touches all of them alike.
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSince, cpuTimes, type CpuTimes } from './cpu-time.ts';
import { openBooks, type Books } from './books.ts';
import { measurePosts, type Measured, type PostRequest } from './measure-posts.ts';
import { openAccounts, signIn } from './open-accounts.ts';
import type { BenchOptions } from './options.ts';
import type { OwnBank } from './own-bank.ts';
import { preparePgbench, type Pgbench } from './pgbench.ts';

export const operations = ['deposits', 'transfers'] as const;
export type Operation = (typeof operations)[number];

type Round = Map<number, { tpcb: YardstickCell; bank: Record<Operation, BankCell> }>;
type YardstickCell = { answered: number; perSecond: number; meanMs: number; cpu: CpuTimes };
/** `owed` when the last request was answered; `drainMs` undefined when not everything was told in time. */
export type BankCell = Measured & { owed: number; drainMs: number | undefined };
export type BenchResult = { rounds: Round[]; counting: CountingPair[]; differences: string[]; owed: number };
/** The same load twice, one after the other: CPU time of the bank for each request with counting, and without. In µs. */
export type CountingPair = { withCounting: number; without: number };

type Stage = { bank: OwnBank; accounts: readonly number[]; books: Books; pgbench: Pgbench };

/** A relay that wakes once a minute tells what the hand-over could not. */
const drainTimeoutMs = 90_000;
const warmUpSeconds = 2;
const pairsPerRound = 2;
/** A signal is heard when the event loop comes to it. */
const switchMs = 100;
/** A server process counts for PostgreSQL's CPU time only when it has ended, shortly after pgbench has. */
const serverExitMs = 300;

export async function runBench(
  bank: OwnBank,
  pgbenchProgram: string,
  options: BenchOptions,
  say: (line: string) => void,
): Promise<BenchResult> {
  say(`preparing: ${options.accounts} accounts, and pgbench at scale ${options.scale}`);
  const accounts = await openAccounts(bank, await signIn(bank), options.accounts);
  const pgbench = await preparePgbench(pgbenchProgram, bank.adminUrl, options.scale);
  const books = await openBooks(bank.adminUrl);
  const stage: Stage = { bank, accounts, books, pgbench };
  let booked = accounts.length;
  const measure = async (operation: Operation, clients: number, seconds: number): Promise<BankCell> => {
    const cell = await measureCell(stage, operation, clients, seconds);
    booked += cell.answered;
    return cell;
  };

  try {
    await pgbench.measure(Math.max(...options.clients), warmUpSeconds);
    for (const operation of operations) await measure(operation, Math.max(...options.clients), warmUpSeconds);
    const rounds: Round[] = [];
    while (rounds.length < options.rounds) {
      const round: Round = new Map();
      for (const clients of options.clients) {
        const tpcb = await measureYardstick(stage, clients, options.seconds);
        const deposits = await measure('deposits', clients, options.seconds);
        const transfers = await measure('transfers', clients, options.seconds);
        round.set(clients, { tpcb, bank: { deposits, transfers } });
      }
      rounds.push(round);
      say(`round ${rounds.length} of ${options.rounds}: ${describeRound(round)}`);
    }
    const counting: CountingPair[] = [];
    for (let index = 0; index < pairsPerRound * options.rounds; index++)
      counting.push(
        await measureCounting(bank, index % 2 === 0, () =>
          measure('deposits', Math.max(...options.clients), options.seconds),
        ),
      );
    return { rounds, counting, differences: await books.differences(booked), owed: await books.owed() };
  } finally {
    await books.close();
  }
}

async function measureCell(
  { bank, accounts, books }: Stage,
  operation: Operation,
  clients: number,
  seconds: number,
): Promise<BankCell> {
  const nextRequest = operation === 'deposits' ? () => depositAmong(accounts) : () => transferAmong(accounts);
  let owed = 0;
  let drainMs: number | undefined;
  const afterwards = async (): Promise<void> => {
    owed = await books.owed();
    // The next cell must not pay for this one's events.
    drainMs = await books.drain(drainTimeoutMs);
  };
  // A token of its own: it lives shorter than many rounds take.
  const measured = await measurePosts(bank, await signIn(bank), { clients, seconds, nextRequest, afterwards });
  return { ...measured, owed, drainMs };
}

/** Which of both comes first changes, so that what grows or warms up while it lasts is no difference between them. */
async function measureCounting(
  { pid }: OwnBank,
  countingFirst: boolean,
  measure: () => Promise<BankCell>,
): Promise<CountingPair> {
  const toggle = async (): Promise<void> => {
    process.kill(pid, 'SIGUSR2');
    await sleep(switchMs);
  };
  const perRequest = async (): Promise<number> => {
    const { cpu, answered } = await measure();
    return (cpu.bank * 1_000) / answered;
  };
  const without = async (): Promise<number> => {
    await toggle();
    return perRequest().finally(toggle);
  };
  if (countingFirst) return { withCounting: await perRequest(), without: await without() };
  const first = await without();
  return { without: first, withCounting: await perRequest() };
}

async function measureYardstick({ bank, pgbench }: Stage, clients: number, seconds: number): Promise<YardstickCell> {
  const before = await cpuTimes(bank);
  const measured = await pgbench.measure(clients, seconds);
  await sleep(serverExitMs);
  return { ...measured, cpu: cpuSince(before, await cpuTimes(bank)) };
}

function depositAmong(accounts: readonly number[]): PostRequest {
  return { path: '/api/deposits', body: `{"account_id":${oneOf(accounts)},"amount":1}` };
}

function transferAmong(accounts: readonly number[]): PostRequest {
  const from = oneOf(accounts);
  let to = oneOf(accounts);
  while (to === from) to = oneOf(accounts);
  return { path: '/api/transfers', body: `{"account_id":${from},"target_account_id":${to},"amount":1}` };
}

function oneOf(accounts: readonly number[]): number {
  return accounts[Math.floor(Math.random() * accounts.length)] as number;
}

function describeRound(round: Round): string {
  return [...round]
    .map(([clients, { tpcb, bank }]) => {
      const { deposits, transfers } = bank;
      const rates = [tpcb, deposits, transfers].map(({ perSecond }) => Math.round(perSecond));
      return `${clients} clients: tpcb-like ${rates[0]}/s, deposits ${rates[1]}/s, transfers ${rates[2]}/s`;
    })
    .join('; ');
}
