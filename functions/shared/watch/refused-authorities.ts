// Commands that came without authority, or with one that is not theirs: somebody speaks in another's name, or too late.
import type { Metrics } from './metrics.ts';

/** Returns what counts one refusal, by why. Each reason is shown from the start, so that the first one is a rise. */
export function countRefusedAuthorities<Reason extends string>(
  metrics: Metrics,
  reasons: readonly Reason[],
): (reason: Reason) => void {
  const counts = new Map(reasons.map((reason) => [reason, 0]));
  const family = {
    name: 'microbank_command_authorities_refused_total',
    help: 'Command events that were refused because of the authority they came with.',
    type: 'counter',
  } as const;
  metrics.family(family, () => [...counts].map(([reason, value]) => ({ labels: { reason }, value })));
  return (reason) => counts.set(reason, (counts.get(reason) ?? 0) + 1);
}
