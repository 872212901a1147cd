// A function as a container runs it: its own process, started by FUNCTION_TARGET, killed by the test or after it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { requestTo, type Request } from './request.ts';

export type FunctionProcess = {
  url: string;
  request: Request;
  /** What it has logged so far. */
  lines: readonly string[];
  /** Sends the signal and resolves with how the process ended. */
  kill: (signal: NodeJS.Signals) => Promise<{ code: number | null; signal: NodeJS.Signals | null; ms: number }>;
};

const mainFile = fileURLToPath(new URL('../serving/main.ts', import.meta.url));
/** From sources, beside other tests: bounds a hang, and is no promise about a start. */
const startTimeoutMs = 60_000;

/** `env` replaces the whole environment but PATH. Rejects with its output when the process ends before it listens. */
export async function startFunctionProcess(
  name: string,
  env: Record<string, string>,
  file = mainFile,
): Promise<FunctionProcess> {
  const child = spawn(process.execPath, [file], {
    env: { PATH: process.env['PATH'] ?? '', FUNCTION_TARGET: name, PORT: '0', HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const port = await Promise.race([portOf(child, lines), failure(child, lines)]).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    lines,
    request: requestTo(url),
    async kill(signal) {
      const startedMs = performance.now();
      if (child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        child.kill(signal);
        await exited;
      }
      return { code: child.exitCode, signal: child.signalCode, ms: performance.now() - startedMs };
    },
  };
}

function portOf(child: ChildProcess, lines: string[]): Promise<number> {
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const port = /"port":(\d+).*"msg":"listening"/.exec(line)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
    }
  });
}

function failure(child: ChildProcess, lines: readonly string[]): Promise<never> {
  return new Promise((_resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`the function did not listen within ${startTimeoutMs} ms:\n${lines.join('\n')}`));
    }, startTimeoutMs).unref();
    child.once('error', reject);
    // 'close' comes after the last line of output.
    child.once('close', (code) => {
      clearTimeout(timer);
      reject(new Error(`the function ended with ${code}:\n${lines.join('\n')}`));
    });
  });
}
