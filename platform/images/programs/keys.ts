// Prints the key that signs tokens and, on a second line, the public keys that verify them: SIGNING_KEY=… PUBLISHED_KEYS=… node keys.js
// Without a key it makes one. To change keys, publish old and new together before the new one signs, and as long as an old token lasts.
import * as z from 'zod';
import { keySet, type KeySet } from '../../../functions/sign-in/contract.ts';
import { publicKeys } from '../../../functions/sign-in/tokens.ts';
import { makeSigningKey } from '../../local/signing-key.ts';
import { runProgram } from './run-program.ts';

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

const variables = z.object({
  SIGNING_KEY: json.pipe(z.looseObject({ kty: z.string(), kid: z.string(), d: z.string() })).optional(),
  /** The key set that is published until now; its keys stay. */
  PUBLISHED_KEYS: json.pipe(keySet).default({ keys: [] }),
});

await runProgram(variables, async ({ SIGNING_KEY: given, PUBLISHED_KEYS: { keys: earlier } }) => {
  const signingKey = given ?? (await makeSigningKey());
  const { keys } = publicKeys(signingKey);
  const published: KeySet = { keys: [...keys, ...earlier.filter(({ kid }) => kid !== signingKey.kid)] };
  return `${JSON.stringify(signingKey)}\n${JSON.stringify(published)}`;
});
