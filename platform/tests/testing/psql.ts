// PostgreSQL as its own superuser asks it, in its pod: for what no role of the bank may look at or put right.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { list, namespace } from './kubectl.ts';

/** The lines that psql prints, columns with `|` between them. The statements are one transaction. Rejects with what psql says. */
export async function psql(database: 'users' | 'ledger' | 'notifications', statements: string): Promise<string[]> {
  const [primary] = await list('pod', 'cnpg.io/cluster=bank,cnpg.io/instanceRole=primary');
  const pod = primary?.metadata.name ?? '';
  const psql = ['psql', '--no-psqlrc', '--quiet', '-At', '--single-transaction', '--set', 'ON_ERROR_STOP=1'];
  const child = spawn(
    'kubectl',
    ['--namespace', namespace, 'exec', '--stdin', pod, '--container', 'postgres', '--', ...psql, '--dbname', database],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(statements);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`psql ended with ${code}: ${err}`);
  return out.split('\n').filter((line) => line !== '');
}

/** Each promise about money, and how often it was broken lately: 0 of each when the books are right. */
export async function booksAtOdds(): Promise<Record<string, number>> {
  const lines = await psql('ledger', 'SELECT promise, broken FROM books_at_odds()');
  return Object.fromEntries(
    lines.map((line): [string, number] => [line.split('|')[0] ?? '', Number(line.split('|')[1])]),
  );
}
