// Runs one of the shell scripts and shows what it says while it runs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What it printed. Rejects with it when it ends with an error. */
export async function runScript(file: string, ...words: string[]): Promise<string> {
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const [stream, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      to.write(chunk);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${file} ${words.join(' ')} ended with ${code}:\n${output}`);
  return output;
}
