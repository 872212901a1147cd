// Shows Prometheus how often somebody was not heard: unsigned, wrongly signed, signed by another than may say it, without the platform's proof.
import type { Hearing } from '../../../eventing/signing/hearing.ts';
import type { Metrics } from './metrics.ts';

export function measureHearing(metrics: Metrics, { refused }: Hearing): void {
  metrics.family(
    {
      name: 'microbank_signatures_refused_total',
      help: 'Events, questions and ticks that were not by who may say them.',
      type: 'counter',
    },
    () => Object.entries(refused).map(([reason, value]) => ({ labels: { reason }, value })),
  );
}
