// Runs one function: FUNCTION_TARGET=deposit node functions/shared/serving/main.ts. A container starts it like this.
import type { Contract } from '../contract/function.ts';
import { configFrom, ConfigInvalid, readVariables, type Config } from '../process/config.ts';
import { createEnvironment } from '../process/create-environment.ts';
import { listen } from './listen.ts';
import { loadFunction } from '../process/load-functions.ts';
import { startTracing } from '../tracing/start-tracing.ts';
import { believeEdge } from './from-edge.ts';
import { createFunctionServer } from './listener.ts';

try {
  await main();
} catch (error) {
  const lines =
    error instanceof ConfigInvalid ? error.problems : [error instanceof Error ? error.message : String(error)];
  for (const line of lines) console.error(line);
  process.exit(1);
}

async function main() {
  const variables = readVariables(process.env);
  const fn = await loadFunction(variables.FUNCTION_TARGET);
  const config = configFrom(variables, fn.contract.databases);
  requireSpeech(config, fn.contract);
  const environment = createEnvironment(config);
  const { log } = environment;
  const tracing = await startTracing(config.tracing, log);
  const stopping = new AbortController();
  const listener = believeEdge(createFunctionServer(fn, environment, stopping.signal), config.edgeSecrets);
  const server = await listen(listener, config);
  log.info({ port: server.port }, 'listening');

  let isStopping = false;
  const stop = (reason: string, exitCode: number) => {
    if (isStopping) return;
    isStopping = true;
    stopping.abort();
    void finish(reason, exitCode);
  };
  const finish = async (reason: string, exitCode: number) => {
    try {
      await server.stop();
      await environment.close();
      await tracing.stop();
      log.info({ reason }, 'stopped');
    } catch (error) {
      log.error({ err: error }, 'stopping failed');
    }
    process.exit(exitCode);
  };
  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  // No request gets here: its handler is wrapped. Something in the background broke, so what is under way is finished
  // and Knative starts a fresh copy.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, 'unexpected failure');
      stop(event, 1);
    });
  }
}

/** What a function would find out only by its first event, it is told at once. */
function requireSpeech(config: Config, { name, emits = [], consumes, answers }: Contract): void {
  const hears = consumes !== undefined || answers !== undefined;
  const speaks = emits.length > 0 && config.brokerUrl !== undefined;
  const problems = [
    ...(hears && config.eventKeysUrl === undefined
      ? [`EVENT_KEYS_URL is missing: ${name} verifies who speaks to it`]
      : []),
    ...(speaks && config.eventSigningKeys === undefined
      ? [`EVENT_SIGNING_KEY is missing: ${name} signs its events`]
      : []),
  ];
  if (problems.length > 0) throw new ConfigInvalid(problems);
}
