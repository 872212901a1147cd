// A Prometheus of a test's own: own port and data, gone with the test even when that is killed. Debian's, or those that PROMETHEUS and PROMTOOL
// in the environment name (observability/local/build-prometheus.sh).
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const startTimeoutMs = 30_000;

export type PrometheusParts = {
  /** Addresses whose `/metrics` it asks every second. */
  targets?: readonly string[];
  /** What it is to remember from before, in OpenMetrics' text format. */
  history?: string;
};

/** Resolves with its address when it answers. Rejects with what it said when it does not start. */
export async function startPrometheus({ targets = [], history }: PrometheusParts): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const data = join(folder, 'data');
  const hosts = targets.map((url) => new URL(url).host);
  const config = {
    global: { scrape_interval: '1s' },
    scrape_configs: [{ job_name: 'functions', static_configs: [{ targets: hosts }] }],
  };
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config)); // JSON is YAML.
  if (history !== undefined) {
    await writeFile(join(folder, 'history'), history);
    const { PROMTOOL = 'promtool' } = process.env;
    await promisify(execFile)(PROMTOOL, ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'history'), data]);
  }

  // The shell reads what only our end can end.
  const script =
    'folder=$1; shift; "${PROMETHEUS:-prometheus}" "$@" 2>&1 & cat >/dev/null; kill -9 $!; wait; rm -rf "$folder"';
  const args = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${data}`];
  const shell = spawn('/bin/sh', ['-c', script, 'sh', folder, ...args, '--web.listen-address=127.0.0.1:0'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(shell, 'close');
  onTestFinished(async () => {
    shell.stdin.end();
    await ended;
  });

  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    const giveUp = () =>
      reject(new Error(`Prometheus did not start (apt-get install prometheus?):\n${lines.join('\n')}`));
    const timer = setTimeout(giveUp, startTimeoutMs);
    let address = '';
    createInterface({ input: shell.stdout }).on('line', (line) => {
      lines.push(line);
      address = /msg="Listening on" .*?address=(\S+)/.exec(line)?.[1] ?? address;
      if (!line.includes('msg="Server is ready to receive web requests."')) return;
      clearTimeout(timer);
      resolve(`http://${address}`);
    });
  });
}
