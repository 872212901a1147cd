// `npm run bench:tracing`: what tracing costs a function that starts from zero, off and on, from the bundle that its image has.
// `--beside FOLDER`: another bundle to compare with, such as that of a commit before (node platform/images/bundle.ts FOLDER).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { bundle } from '../images/bundle.ts';
import { ReadInstead, readOptions, wholeOption } from '../traffic/read-options.ts';

const table = {
  starts: { schema: wholeOption({ min: 1, max: 1_000, preset: 15 }), help: 'starts of each kind, in turn' },
  beside: { schema: z.string().optional(), help: 'the folder of another bundle, started in turn with the others' },
};
/** What the bank allows tracing that nobody asked for to cost a start. */
const costMsMax = 30;
const nowhere = 'http://127.0.0.1:1/';

type Kind = { name: string; folder: string; env: Record<string, string> };
/** Milliseconds: on the clock until `/readyz` is answered, and of CPU until then. */
type Start = { readyMs: number; cpuMs: number };

process.exit(await main());

async function main(): Promise<number> {
  const purpose = 'times starts of the function deposit with tracing off and on';
  let options;
  try {
    options = readOptions(process.argv.slice(2), { name: 'bench:tracing', purpose, table });
  } catch (error) {
    if (!(error instanceof ReadInstead)) throw error;
    console.log(error.message);
    return error.exitCode;
  }
  const folder = await mkdtemp(join(tmpdir(), 'microbank-tracing-bench-'));
  try {
    await bundle(join(folder, 'bundle'), 'deposit');
    return print(await measure(folder, options.starts, options.beside));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(folder: string, starts: number, beside: string | undefined): Promise<Map<string, Start[]>> {
  const own = join(folder, 'bundle');
  const kinds: Kind[] = [
    ...(beside === undefined ? [] : [{ name: 'beside', folder: resolve(beside), env: {} }]),
    { name: 'off', folder: own, env: {} },
    { name: 'on', folder: own, env: { OTEL_EXPORTER_OTLP_ENDPOINT: nowhere } },
  ];
  const measured = new Map(kinds.map(({ name }) => [name, [] as Start[]]));
  // The first of each fills the compile cache, as the building of an image does, and is not counted.
  for (let n = 0; n <= starts; n++) {
    for (const kind of kinds) {
      const start = await startOnce(kind, join(folder, `cache-${kind.name}`));
      if (n > 0) measured.get(kind.name)?.push(start);
    }
  }
  return measured;
}

async function startOnce({ folder, env }: Kind, cache: string): Promise<Start> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [join(folder, 'main.js')], {
    env: {
      ...{ NODE_COMPILE_CACHE: cache, FUNCTION_TARGET: 'deposit', PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'info' },
      ...{ DATABASE_URL: nowhere.replace('http', 'postgres'), JWKS_URL: nowhere, ENDED_SESSIONS_URL: nowhere },
      ...{ JWT_ISSUER: 'nobody', JWT_AUDIENCE: 'nobody', OTEL_BSP_SCHEDULE_DELAY: '60000' },
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let start: Start | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /"port":(\d+).*"msg":"listening"/.exec(line)?.[1];
    if (port === undefined) continue;
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
    await answer.text();
    if (answer.status !== 200) throw new Error(`/readyz answered ${answer.status}`);
    start = { readyMs: performance.now() - startedMs, cpuMs: await cpuMsOf(child.pid) };
    child.kill('SIGTERM'); // At an orderly end the compile cache is written.
  }
  await ended;
  if (!start) throw new Error('the function ended before it was ready');
  return start;
}

/** Steadier than the clock on a machine that others use too; in steps of 10 ms (proc(5), fields 14 and 15). */
async function cpuMsOf(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** The exit code: 1 where tracing that is off costs more than it may, against the other bundle. */
function print(measured: ReadonlyMap<string, readonly Start[]>): number {
  console.log('deposit, from its bundle, with a compile cache; median of ready and of CPU, in ms');
  const medians = new Map<string, Start>();
  for (const [name, starts] of measured) {
    const median = { readyMs: medianOf(starts.map((s) => s.readyMs)), cpuMs: medianOf(starts.map((s) => s.cpuMs)) };
    medians.set(name, median);
    console.log(
      `  ${name.padEnd(8)} ready ${median.readyMs.toFixed(0).padStart(5)}   CPU ${median.cpuMs.toFixed(0).padStart(5)}`,
    );
  }
  const [beside, off] = [medians.get('beside'), medians.get('off')];
  if (!beside || !off) return 0;
  const costMs = off.cpuMs - beside.cpuMs;
  console.log(`tracing that is off costs ${costMs.toFixed(0)} ms of CPU; it may cost ${costMsMax}`);
  return costMs > costMsMax ? 1 : 0;
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}
