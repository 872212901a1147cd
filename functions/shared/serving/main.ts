// Runs one function: FUNCTION_TARGET=deposit node functions/shared/serving/main.ts. A container starts it like this.
import { configFrom, ConfigInvalid, readVariables } from '../process/config.ts';
import { createEnvironment } from '../process/create-environment.ts';
import { listen } from './listen.ts';
import { loadFunction } from '../process/load-functions.ts';
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
  const environment = createEnvironment(config);
  const { log } = environment;
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
