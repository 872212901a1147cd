// What a copy on its own shows besides what every bank does; watched-bank.e2e.test.ts compares the rest with a bank that runs.
import { expect, test } from 'vitest';
import type { Config } from '../../functions/shared/process/config.ts';
import { createEnvironment } from '../../functions/shared/process/create-environment.ts';
import { documentedMetrics, exportedMetrics } from './documented-metrics.ts';

const nobody = 'http://127.0.0.1:9';
const config: Config = {
  ...{ port: 0, host: '127.0.0.1', databaseUrls: {}, poolMax: 1, logLevel: 'silent' as const },
  ...{ jwksUrl: nobody, endedSessionsUrl: nobody, jwtIssuer: nobody, jwtAudience: 'microbank' },
};

async function shownBy(functionTarget?: string): Promise<string[]> {
  const environment = createEnvironment({ ...config, ...(functionTarget !== undefined && { functionTarget }) });
  environment.requests.of('deposit');
  const { text } = await environment.metrics.render();
  await environment.close();
  return exportedMetrics(text).map(({ name, type }) => `${name} ${type}`);
}

test('the table says which metrics only a copy on its own has', async () => {
  const among = await shownBy();
  const own = (await shownBy('deposit')).filter((shown) => !among.includes(shown));
  const documented = (await documentedMetrics()).filter(({ comes }) => comes.endsWith('of a copy on its own'));
  expect(own.sort()).toEqual(documented.map(({ name, type }) => `${name} ${type}`).sort());
});
