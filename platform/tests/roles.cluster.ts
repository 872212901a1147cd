// The roles of the databases, tried with their own passwords at PostgreSQL itself: each enters its context's database and no other.
import { execFile } from 'node:child_process';
import { expect, test } from 'vitest';
import { readDatabaseSecrets } from '../check/database-secrets.ts';
import { note } from './testing/figures.ts';
import { list, namespace, secret } from './testing/kubectl.ts';

const databases = ['users', 'ledger', 'notifications', 'postgres', 'template1'];

test('every role enters the database of its context, and no other', async () => {
  const [primary] = await list('pod', 'cnpg.io/cluster=bank,cnpg.io/instanceRole=primary');
  const secrets = await readDatabaseSecrets();
  for (const { secret: name, database } of secrets) {
    const { username = '', password = '' } = await secret(name);
    const answers = await tryAll(primary?.metadata.name ?? '', username, password);
    const expected = databases.map((other) => (other === database ? 'entered' : 'rejected'));
    expect(answers.trim().split('\n'), username).toEqual(expected);
  }
  await note('roles', 'connections tried', secrets.length * databases.length);
});

/** By a script on standard input: a password in an argument would be in the API server's audit log. Any other answer is shown as it is. */
async function tryAll(pod: string, username: string, password: string): Promise<string> {
  const script = databases.map(
    (database) => `answer=$(psql -h 127.0.0.1 -U ${username} -d ${database} -Atc "select 'entered'" 2>&1 </dev/null)
case $answer in *'pg_hba.conf rejects connection'*) echo rejected ;; *) echo "$answer" ;; esac`,
  );
  const words = ['--namespace', namespace, 'exec', '--stdin', pod, '--container', 'postgres', '--', 'sh', '-s'];
  return new Promise((resolve, reject) => {
    const child = execFile('kubectl', words, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr, { cause: error }));
      else resolve(stdout);
    });
    child.stdin?.end(`export PGPASSWORD='${password}'\n${script.join('\n')}\n`);
  });
}
