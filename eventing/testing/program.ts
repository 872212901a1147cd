// Programs of a test's or a measurement's own as real processes, which can be killed one by one: told by message what to do, they answer with an address.
import { fork } from 'node:child_process';
import { once } from 'node:events';

export type Program = {
  url: string;
  pid: number;
  /** `kill -9`; resolves when it is gone. */
  kill: () => Promise<void>;
  /** The end of what it has printed. */
  said: () => string;
};

const startTimeoutMs = 60_000;
const saidMax = 20_000;

/** Rejects with what it printed when it ends before it answers, or does not answer in time. */
export async function startProgram(file: URL, settings: object): Promise<Program> {
  const child = fork(file, { execArgv: [], env: {}, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-saidMax)));
  const ended = once(child, 'close');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
  child.send(settings);
  const first = (await Promise.race([once(child, 'message'), ended])) as [unknown];
  clearTimeout(timer);
  const { url } = (first[0] ?? {}) as { url?: string };
  if (url === undefined) throw new Error(`${file.pathname} did not start:\n${said}`);
  return { url, pid: child.pid ?? 0, kill, said: () => said };
}

/** For a program's own file: `start` gets the settings and gives the address. The program ends with the test that started it. */
export function runProgram(start: (settings: never) => Promise<string>): void {
  process.once('disconnect', () => process.exit());
  process.once('message', (settings) => {
    void start(settings as never).then(
      (url) => process.send?.({ url }),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}
