// Fills the compile cache while an image is built: starts each function once, so that V8 finds its code compiled: node warm-up.js [FUNCTION …]
// As the user who will run them: the cache's folder has that user's id in its name.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { functionNames } from '../../../functions/shared/process/function-modules.ts';
import { makeSigningKey } from '../../local/signing-key.ts';

/** Nobody is asked: a function that starts connects to nothing. */
const nowhere = 'http://127.0.0.1:1/';

const signingKey = JSON.stringify(await makeSigningKey());
const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : await functionNames()) await warmUp(name);

async function warmUp(name: string): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.js')], {
    env: {
      ...process.env,
      FUNCTION_TARGET: name,
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: nowhere.replace('http', 'postgres'),
      JWKS_URL: nowhere,
      EVENT_KEYS_URL: nowhere,
      ENDED_SESSIONS_URL: nowhere,
      JWT_ISSUER: 'nobody',
      JWT_AUDIENCE: 'nobody',
      SIGNING_KEY: signingKey,
      PASSKEY_ORIGINS: 'https://nobody.example',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /"port":(\d+).*"msg":"listening"/.exec(line)?.[1];
    if (port === undefined) continue;
    for (const path of ['/readyz', '/metrics', '/nowhere'])
      await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    child.kill('SIGTERM'); // The cache is written at an orderly end only.
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
}
