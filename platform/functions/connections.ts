// How many connections to the databases the functions open at most, against what the pooler and PostgreSQL allow.
import type { DatabaseName } from '../../functions/shared/contract/function.ts';
import type { Deployment } from './deployments.ts';
import { streams } from './environment.ts';

/** In a rollout the copies of the old revision drain while those of the new one work. */
const revisionsAtOnce = 2;

export type Connections = {
  /** To the pooler, by the database. */
  pooled: Record<DatabaseName, number>;
  /** Sessions at PostgreSQL itself, for LISTEN. */
  listening: number;
};

export function connectionsOf(all: readonly Deployment[]): Connections {
  const pooled = { users: 0, ledger: 0, notifications: 0 };
  let listening = 0;
  for (const deployment of all) {
    if (deployment.database !== undefined) pooled[deployment.database] += mostOf(deployment);
    if (streams(deployment)) listening += deployment.settings.maxScale * revisionsAtOnce;
  }
  return { pooled, listening };
}

export function connectionsTable(all: readonly Deployment[]): string {
  const { pooled, listening } = connectionsOf(all);
  const rows = all
    .filter(({ database }) => database !== undefined)
    .map((deployment) => {
      const { maxScale, poolMax } = deployment.settings;
      const cells = [deployment.name, deployment.database, maxScale, poolMax, mostOf(deployment)];
      return `| ${cells.join(' | ')} |`;
    });
  const sum = pooled.users + pooled.ledger + pooled.notifications;
  return [
    '| function | database | copies | pool | × 2 |',
    '| --- | --- | --: | --: | --: |',
    ...rows,
    `| **all** | users ${pooled.users}, ledger ${pooled.ledger}, notifications ${pooled.notifications} | | | **${sum}** |`,
    `| listeners, at PostgreSQL itself | notifications | | | ${listening} |`,
  ].join('\n');
}

function mostOf({ settings }: Deployment): number {
  return settings.maxScale * settings.poolMax * revisionsAtOnce;
}
