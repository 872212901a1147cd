// A program of the bundle, run to its end as a Job runs it: nothing in its environment but what is given, nothing of the checkout around it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';

export type Ended = { code: number; out: string; err: string };

export async function runInBundle(
  folder: string,
  [program, ...args]: readonly [string, ...string[]],
  env: Record<string, string>,
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(folder, `${program}.js`), ...args], { env, cwd: folder }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out: out.trim(), err: err.trim() });
    });
  });
}
