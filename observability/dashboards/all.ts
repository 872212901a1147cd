// Every dashboard of the bank.
import { businessMetrics } from './business-metrics.ts';
import { events } from './events.ts';
import { microservicesOverview } from './microservices-overview.ts';
import { money } from './money.ts';
import { scaleToZero } from './scale-to-zero.ts';
import { slos } from './slos.ts';
import type { Dashboard } from './spec.ts';
import { systemHealth } from './system-health.ts';

export const dashboards: readonly Dashboard[] = [
  microservicesOverview,
  businessMetrics,
  systemHealth,
  scaleToZero,
  events,
  money,
  slos,
];
