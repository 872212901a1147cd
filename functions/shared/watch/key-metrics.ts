// When the keys were made that this process signs with: nobody sees from the outside that one should have been changed long ago.
import type { JWK } from 'jose';
import type { Metrics } from './metrics.ts';

/** As the process' configuration has them. */
type SigningKeys = {
  eventSigningKeys?: readonly (JWK & { speaker: string })[] | undefined;
  signingKey?: JWK | undefined;
};

/** `iat`, in seconds: put into the private key when it is made, and not published. A key without it has an age that nobody knows. */
export function measureKeys(metrics: Metrics, { eventSigningKeys = [], signingKey }: SigningKeys): void {
  const keys: [string, JWK & { iat?: unknown }][] = eventSigningKeys.map((key) => [key.speaker, key]);
  if (signingKey !== undefined) keys.push(['tokens', signingKey]);
  if (keys.length === 0) return;
  const samples = keys.flatMap(([speaker, { iat }]) =>
    typeof iat === 'number' ? [{ labels: { speaker }, value: iat }] : [],
  );
  metrics.gauge(
    {
      name: 'microbank_signing_key_made_timestamp_seconds',
      help: 'When the key was made that this process signs with, by who speaks with it; tokens for those of sign-in.',
      labels: ['speaker'],
    },
    () => Promise.resolve(samples),
  );
}
