// A Broker on a cluster, for `npm run test:broker`: its address and the way back to us from the environment, triggers by kubectl.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as z from 'zod';
import { differences } from '../differences.ts';
import type { BrokerToTest } from '../suite.ts';

const settings = z.object({
  BROKER_URL: z.url('is where events are posted to, e.g. http://127.0.0.1:8081/ after kubectl port-forward'),
  SUBSCRIBER_HOST: z.string('is the name or address that the cluster reaches this machine by'),
  SUBSCRIBER_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  BROKER_NAME: z.string().default('bank'),
  TRIGGER_NAMESPACE: z.string().default('microbank'),
  /** Which column of differences.ts holds. */
  BROKER_KIND: z.enum(Object.keys(differences.accepted).filter((key) => key !== 'reason')).default('knative'),
});

/** @throws an Error that names every variable that is missing or wrong. */
export function knativeBroker(environment: NodeJS.ProcessEnv = process.env): BrokerToTest {
  const parsed = settings.safeParse(environment);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  }
  const { BROKER_URL, SUBSCRIBER_HOST, SUBSCRIBER_PORT, BROKER_NAME, TRIGGER_NAMESPACE, BROKER_KIND } = parsed.data;
  const inNamespace = ['--namespace', TRIGGER_NAMESPACE];
  return {
    kind: BROKER_KIND as BrokerToTest['kind'],
    broker: BROKER_NAME,
    namespace: TRIGGER_NAMESPACE,
    subscribers: { listenOn: '::', host: SUBSCRIBER_HOST, port: SUBSCRIBER_PORT },
    patienceMs: 30_000,
    quietMs: 2_000,
    async open(triggers) {
      const kubectl = (words: readonly string[], input: string) => runKubectl(words, input, environment);
      const remove = () => kubectl(['delete', ...inNamespace, '--ignore-not-found', '--filename', '-'], triggers);
      try {
        await kubectl(['apply', ...inNamespace, '--filename', '-'], triggers);
        // Each trigger is a Deployment that has to start; the first pulls its image.
        await kubectl(['wait', ...inNamespace, '--for=condition=Ready', '--timeout=300s', '--filename', '-'], triggers);
        // Ready says that the queue is there. Whether anything takes events from it is known of the dispatchers' Deployments only.
        await kubectl(['wait', ...inNamespace, ...dispatchers(BROKER_NAME)], '');
      } catch (error) {
        // Some may be there. That they cannot be deleted either is on stderr; why it came to this is worth more.
        await remove().catch(() => undefined);
        throw error;
      }
      return { url: BROKER_URL, close: remove };
    },
  };
}

function dispatchers(broker: string): string[] {
  const selector = `eventing.knative.dev/broker=${broker},eventing.knative.dev/brokerRole=dispatcher`;
  return ['--for=condition=Available', '--timeout=300s', 'deployment', '--selector', selector];
}

async function runKubectl(words: readonly string[], input: string, env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn('kubectl', words, { env, stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.on('error', () => undefined); // It ended without reading; its exit code says so.
  child.stdin.end(input);
  const [code] = (await once(child, 'exit').catch((error: unknown) => {
    throw new Error('triggers are applied with kubectl, which has to be in PATH', { cause: error });
  })) as [number | null];
  if (code !== 0) throw new Error(`kubectl ${words[0] ?? ''} ended with ${code ?? 'a signal'}`);
}
