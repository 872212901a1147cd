// `npm start -- --observe`: a Prometheus beside the bank, with the rules that a cluster has; the operations page reads it.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { prometheusConfig, scrapeSeconds } from '../../observability/local/prometheus-config.ts';
import { CannotStart } from './cannot-start.ts';
import { checkout } from './settings.ts';
import type { Surroundings } from './surroundings.ts';

const startTimeoutMs = 30_000;

/**
 * Resolves with its address, on any free port of loopback, when it answers; ends with the bank. What it remembers stays in the data
 * folder. `PROMETHEUS` in the environment names the program where it is not in the PATH. `rules`: a folder with both files of rules.
 * @throws CannotStart when there is no Prometheus, or it does not start.
 */
export async function startObserving(
  dataFolder: string,
  gatewayPort: number,
  program: string,
  { steps, undo, onLost }: Pick<Surroundings, 'steps' | 'undo' | 'onLost'>,
  rules = join(checkout, 'observability/rules'),
): Promise<string> {
  const folder = join(dataFolder, 'prometheus');
  const { address } = await steps.take(
    async () => {
      await mkdir(folder, { recursive: true });
      const config = join(folder, 'prometheus.yml');
      // JSON is YAML.
      const target = `127.0.0.1:${gatewayPort}`;
      await writeFile(config, JSON.stringify(prometheusConfig({ target, rules })));
      const args = [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`];
      const child = spawn(program, [...args, '--storage.tsdb.retention.time=7d', '--web.listen-address=127.0.0.1:0'], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let isStopping = false;
      undo.defer(async () => {
        isStopping = true;
        if (child.exitCode !== null || child.pid === undefined) return;
        child.kill('SIGTERM');
        await once(child, 'exit');
      });
      child.once('exit', (code) => {
        if (!isStopping)
          onLost(new CannotStart(`Prometheus ended by itself (exit code ${code}); ${folder} has its data`));
      });
      return { address: await addressOf(child, program) };
    },
    (started) => `Prometheus on ${started.address}, every ${scrapeSeconds} s`,
  );
  return address;
}

function addressOf(child: ChildProcessByStdio<null, null, Readable>, program: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    const refuse = (why: string) =>
      reject(new CannotStart(`--observe needs Prometheus (apt-get install prometheus, or PROMETHEUS=…): ${why}`));
    const timer = setTimeout(() => refuse(lines.slice(-3).join('; ')), startTimeoutMs);
    child.once('error', (error) => refuse(`${program}: ${error.message}`));
    child.once('exit', () => refuse(lines.slice(-3).join('; ')));
    let address = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      address = /msg="Listening on" .*?address=(\S+)/.exec(line)?.[1] ?? address;
      if (!line.includes('Server is ready to receive web requests')) return;
      clearTimeout(timer);
      resolve(`http://${address}`);
    });
  });
}
