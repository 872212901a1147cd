// Every function in one process, each at `/<name>/`, as a test starts it: the environment variable CONFIG has its configuration.
import type { Config } from '../../shared/process/config.ts';
import { createEnvironment } from '../../shared/process/create-environment.ts';
import { functionNames, loadFunction } from '../../shared/process/load-functions.ts';
import { splitTarget } from '../../shared/serving/exchange.ts';
import { listen } from '../../shared/serving/listen.ts';
import { bindFunctions } from '../../shared/serving/listener.ts';

const config = JSON.parse(process.env['CONFIG'] ?? '') as Omit<Config, 'port' | 'host'>;
const address = { port: 0, host: '127.0.0.1' };
const environment = createEnvironment({ ...config, ...address });
const listeners = bindFunctions(environment, await Promise.all((await functionNames()).map(loadFunction)));

const { port } = await listen((request, response) => {
  const { path, search } = splitTarget(request.url);
  const [, name = '', rest = '/'] = /^\/([^/]*)(\/.*)?$/.exec(path) ?? [];
  request.url = search ? `${rest}?${search}` : rest;
  listeners.get(name)?.(request, response);
}, address);
process.stdout.write(`${JSON.stringify({ port, msg: 'listening' })}\n`);
