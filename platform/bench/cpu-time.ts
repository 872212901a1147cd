// CPU time that processes have used, from /proc: steadier than the clock on a machine that others use too.
import { readdir, readFile } from 'node:fs/promises';

/** What Linux counts process times in (USER_HZ), on every architecture that Node runs on. */
const tickMs = 10;

/** In ms. The client is this process, or a program that it ran. */
export type CpuTimes = { client: number; bank: number; postgres: number };

/** NaN where there is no /proc. */
export async function cpuTimes(bank: { pid: number; postgresPid: number }): Promise<CpuTimes> {
  const [own, ofBank, postgres] = await Promise.all([
    readStat('self'),
    readStat(bank.pid),
    familyTicks(bank.postgresPid),
  ]);
  const client = own ? own.ticks + own.endedChildrenTicks : NaN;
  return { client: client * tickMs, bank: (ofBank?.ticks ?? NaN) * tickMs, postgres: postgres * tickMs };
}

export function cpuSince(before: CpuTimes, after: CpuTimes): CpuTimes {
  return {
    client: after.client - before.client,
    bank: after.bank - before.bank,
    postgres: after.postgres - before.postgres,
  };
}

/** Of a process and of all its children, ended ones too. */
async function familyTicks(pid: number): Promise<number> {
  const own = await readStat(pid);
  if (!own) return NaN;
  let ticks = own.ticks + own.endedChildrenTicks;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readStat(name);
    if (stat?.parent === pid) ticks += stat.ticks + stat.endedChildrenTicks;
  }
  return ticks;
}

type Stat = { parent: number; ticks: number; endedChildrenTicks: number };

async function readStat(pid: number | string): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // After the name, which may hold anything: state, parent, …; proc(5) counts them from 3.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (number: number): number => fields[number - 3] ?? 0;
  return { parent: field(4), ticks: field(14) + field(15), endedChildrenTicks: field(16) + field(17) };
}
