// Every function behind one gateway as a process of its own, and the relay, which here is woken each second.
import { setTimeout as sleep } from 'node:timers/promises';
import { readConsumers } from '../../../outbox/consumers.ts';
import { tick } from '../../../outbox/tick.ts';
import type { Config } from '../../../../functions/shared/process/config.ts';
import { createEnvironment } from '../../../../functions/shared/process/create-environment.ts';
import type { Environment } from '../../../../functions/shared/process/environment.ts';
import { listen } from '../../../../functions/shared/serving/listen.ts';
import { functionNames, loadFunction } from '../../../../functions/shared/process/load-functions.ts';
import { bindFunctions, type Listener } from '../../../../functions/shared/serving/listener.ts';
import { createGateway, createInside, whenServing } from '../../../../platform/local/gateway.ts';
import { runProgram } from '../../../testing/program.ts';

export type BankProgramSettings = {
  config: Omit<Config, 'port' | 'host' | 'functionUrl'> & { brokerUrl: string };
  /** Where the relay asks its consumers; they are in this process when undefined. */
  consumersUrl?: string;
};

/** In the product: a tick each minute, leases of 60 s to 600 s. Nothing else is shorter here than there. */
const relayPeriods = { tickMs: 1_000, leaseMs: 2_000, leaseMaxMs: 4_000, postponeMs: 1_000 };

const host = '127.0.0.1';

runProgram(async ({ config, consumersUrl }: BankProgramSettings) => {
  const serving: { listener?: Listener } = {};
  const server = await listen(
    whenServing(() => serving.listener),
    { port: 0, host },
  );
  const { port, url } = server;
  const environment = createEnvironment({ ...config, port, host, functionUrl: `${url}/{function}` });
  const functions = await Promise.all((await functionNames()).map(loadFunction));
  const listeners = bindFunctions(environment, functions);
  const contracts = functions.map(({ contract }) => contract);
  const gateway = createGateway({ contracts, listeners, documents: new Map() });
  const inside = createInside(listeners);
  serving.listener = (request, response) => (request.url?.startsWith('/api/') ? gateway : inside)(request, response);

  void keepTicking(environment, config.brokerUrl, consumersUrl ?? url);
  return url;
});

async function keepTicking(environment: Environment, brokerUrl: string, functionsUrl: string): Promise<never> {
  const { log } = environment;
  const consumers = await readConsumers(`${functionsUrl}/{function}`);
  const outboxes = { ledger: environment.ledgerDatabase.pool, users: environment.users.pool };
  const { tickMs, leaseMs, leaseMaxMs, postponeMs } = relayPeriods;
  const settings = { brokerUrl, consumers, log, sweeping: { leaseMs, leaseMaxMs }, reconciling: { postponeMs } };
  for (;;) {
    const ticks = (['ledger', 'users'] as const).map((context) =>
      tick({ ...settings, context, pool: outboxes[context], voice: environment.voiceOf(context) }),
    );
    for (const { reason } of (await Promise.allSettled(ticks)).filter((done) => done.status === 'rejected'))
      log.warn({ err: reason as unknown }, 'tick failed');
    await sleep(tickMs);
  }
}
