// Runs schemathesis against a bank as one role, with what hooks.py tells it of the bank, and reads what came of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where platform/local/install-test-packages.sh puts it. */
const installed = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'microbank', 'schemathesis-4.32.5');
const hooks = import.meta.dirname;

export type Bank = { address: string; tellerFile: string };

/** An answer that failed a check. */
export type Finding = {
  operation: string;
  title: string;
  message: string;
  request: string;
  status: number;
  answer: string;
};

export type Run = {
  code: number | null;
  /** What it printed, for people. */
  output: string;
  report: {
    stop_reason: string;
    operations: { total: number; tested: number; errored: number };
    test_cases: { generated: number };
    errors: unknown[];
  };
  findings: Finding[];
  /** Answers by operation and status. */
  counts: Record<string, Record<string, number>>;
};

/** All checks it has, on generated data that fits the schemas and that does not, for `seconds`. */
export async function runSchemathesis({ address, tellerFile }: Bank, role: string, seconds: number): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-schema-'));
  const api = `${address}/api`;
  const [report, findings] = [join(folder, 'report.json'), join(folder, 'findings')];
  const words = ['--config-file', join(hooks, 'schemathesis.toml'), 'run', `${api}/openapi.json`, '--url', api];
  words.push('--checks', 'all', '--max-time', String(seconds), '--continue-on-failure', '--no-color');
  words.push('--report', 'json', '--report-json-path', report);
  try {
    const child = spawn('python3', ['-m', 'schemathesis.cli', ...words], {
      cwd: folder, // It keeps notes of its own where it runs.
      env: {
        ...process.env,
        PYTHONPATH: [installed, hooks].join(delimiter),
        PYTHONDONTWRITEBYTECODE: '1',
        SCHEMATHESIS_HOOKS: 'hooks',
        BANK_API: api,
        BANK_ROLE: role,
        BANK_TELLER: tellerFile,
        BANK_FINDINGS: findings,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output, report: await readReport(report, output), ...(await readFindings(findings)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readReport(file: string, output: string): Promise<Run['report']> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`schemathesis did not begin:\n${output}`, { cause: error });
  });
  return JSON.parse(text) as Run['report'];
}

/** hooks.py writes one line for each failure, and at the end one of counts. */
async function readFindings(file: string): Promise<Pick<Run, 'findings' | 'counts'>> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const read = lines.map((line) => JSON.parse(line) as Finding | Pick<Run, 'counts'>);
  const counts = read.find((line) => 'counts' in line)?.counts ?? {};
  return { findings: read.filter((line): line is Finding => !('counts' in line)), counts };
}
