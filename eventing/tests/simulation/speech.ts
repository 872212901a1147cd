// The keys and the proof of the simulated bank: its programs sign and verify as the real ones do, and nothing unsigned is applied.
import { makeEventKeys, publishedEventKeys } from '../../../platform/local/event-keys.ts';
import type { Environment } from '../../../functions/shared/process/environment.ts';
import { createHearing } from '../../signing/hearing.ts';
import { fixedKeys } from '../../signing/keys.ts';
import { createVoices, type Voice } from '../../signing/voice.ts';
import type { World } from './world.ts';

export const platformProof = 'the-proof-of-a-simulated-platform';

// Made once, outside every simulation: Ed25519 signs alike each time, and no key is in a trace.
const keys = await makeEventKeys();
const published = fixedKeys(publishedEventKeys(keys));
const voices = createVoices(keys);
const ledgerVoice = voices.get('ledger') as Voice;

/** Of one program. */
export function createSpeech(world: World): Pick<Environment, 'voiceOf' | 'hearing'> {
  return {
    voiceOf: (speaker) => voices.get(speaker) as Voice,
    hearing: createHearing({ keys: published, platformProofs: [platformProof], now: world.date }),
  };
}

/** What the relay asks and sends; its questions are of the simulated moment. */
export function voiceAt(world: World): Voice {
  return { ...ledgerVoice, vouch: (createVoices(keys, world.date).get('ledger') as Voice).vouch };
}
