// The keys that sign this machine's events and questions, one for each speaker: made once, so that what waits in a queue stays valid.
import { join } from 'node:path';
import type { SpeakerKey } from '../../functions/shared/process/config.ts';
import { speakers } from '../../eventing/signing/speakers.ts';
import { keepFile } from './secrets.ts';
import { makeSigningKey } from './signing-key.ts';

export async function keepEventKeys(folder: string): Promise<SpeakerKey[]> {
  return keepFile<SpeakerKey[]>(join(folder, 'event-keys.json'), makeEventKeys);
}

export async function makeEventKeys(now?: Date): Promise<SpeakerKey[]> {
  return Promise.all(speakers.map(async (speaker) => ({ ...(await makeSigningKey(now)), speaker })));
}

/** What others verify with: nothing private is in it. */
export function publishedEventKeys(keys: readonly SpeakerKey[]): { keys: object[] } {
  return {
    keys: keys.map(({ kty, crv, x, kid, alg, use, speaker }) => ({ kty, crv, x, kid, alg, use, speaker })),
  };
}
