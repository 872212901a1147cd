// Prints the key that signs tokens and, on a second line, the public keys that verify them: SIGNING_KEY=… PUBLISHED_KEYS=… node keys.js
// Without a key it makes one; with SPEAKER=ledger one that signs events (platform/docs/event-keys.md). To change keys, publish old and new
// together before the new one signs, and as long as what the old one has signed is needed.
import * as z from 'zod';
import { isSpeaker, type Speaker } from '../../../eventing/signing/speakers.ts';
import { keySet, type KeySet } from '../../../functions/sign-in/contract.ts';
import { publicKeys } from '../../../functions/sign-in/tokens.ts';
import { publishedEventKeys } from '../../local/event-keys.ts';
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

/** Strict, as `keySet` is: a private key that was given for a published one is refused rather than published. */
const eventKeySet = z.strictObject({
  keys: z.array(
    z.strictObject({
      kty: z.string(),
      crv: z.string(),
      x: z.string(),
      kid: z.string(),
      alg: z.string(),
      use: z.string(),
      speaker: z.custom<Speaker>(isSpeaker, 'is no speaker'),
    }),
  ),
});

const variables = z.object({
  SIGNING_KEY: json.pipe(z.looseObject({ kty: z.string(), kid: z.string(), d: z.string() })).optional(),
  /** The key set that is published until now; its keys stay. */
  PUBLISHED_KEYS: json.pipe(z.union([keySet, eventKeySet])).default({ keys: [] }),
  SPEAKER: z.custom<Speaker>(isSpeaker, 'is no speaker').optional(),
});

await runProgram(variables, async ({ SIGNING_KEY: given, PUBLISHED_KEYS: { keys: earlier }, SPEAKER: speaker }) => {
  if (speaker !== undefined) {
    const key = { ...(await makeSigningKey()), speaker };
    return `${JSON.stringify(key)}\n${JSON.stringify({ keys: [...publishedEventKeys([key]).keys, ...earlier] })}`;
  }
  const signingKey = given ?? (await makeSigningKey());
  const { keys } = publicKeys(signingKey);
  const others = earlier.filter(({ kid }) => kid !== signingKey.kid) as KeySet['keys'];
  const published: KeySet = { keys: [...keys, ...others] };
  return `${JSON.stringify(signingKey)}\n${JSON.stringify(published)}`;
});
