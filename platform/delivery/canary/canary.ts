// Gives new revisions a tenth of the traffic, and then all or none of it:
//   node platform/delivery/canary/canary.ts FUNCTION …          judges what is deployed and has no traffic yet
//   node platform/delivery/canary/canary.ts --pin FUNCTION …    ties traffic to the revision that has it: once, on a new cluster
// By KUBECONFIG. Ends with 0 when they were promoted (or none is new), with 3 when they went back.
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { rollBackImages } from '../deploy.ts';
import { askBy } from './prometheus.ts';
import { runCanary, type Candidate } from './run-canary.ts';
import { candidateOf, divide, kubectl, pin, servicesOf } from './services.ts';
import { usualLimits } from './verdict.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pin: { type: 'boolean', default: false },
    share: { type: 'string', default: '10' },
    requests: { type: 'string', default: String(usualLimits.requestsMin) },
    minutes: { type: 'string', default: '20' },
    'ready-minutes': { type: 'string', default: '10' },
    'ask-seconds': { type: 'string', default: '10' },
    /** An address, or where in the cluster: NAMESPACE/SERVICE:PORT. */
    prometheus: { type: 'string', default: 'monitoring/prometheus:9090' },
    /** Also in git, so that the branch `deployed` says what runs. */
    'back-in-git': { type: 'boolean', default: false },
  },
});
if (positionals.length === 0) throw new Error('say of which functions: canary.ts FUNCTION …');
const minuteMs = 60_000;
const wentBack = 3;

const services = await servicesOf(kubectl, positionals);
if (values.pin) for (const service of services) console.log(`${service}: all to ${await pin(kubectl, service)}`);
else await judgeNew();

async function judgeNew(): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  const { promoted, why, seconds } = await outcomeOf(stopping.signal);
  console.log(`${promoted ? 'promoted' : 'back'} after ${seconds} s: ${why}`);
  if (promoted) return;
  process.exitCode = wentBack;
  if (!values['back-in-git']) return;
  const commit = await rollBackImages(positionals, why, { checkout: resolve(import.meta.dirname, '../../..') });
  console.log(`committed ${commit ?? 'nothing'}`);
}

async function outcomeOf(stopping: AbortSignal): Promise<Awaited<ReturnType<typeof runCanary>>> {
  const candidates: Candidate[] = [];
  const readyMaxMs = Number(values['ready-minutes']) * minuteMs;
  try {
    for (const service of services) {
      const candidate = await candidateOf(kubectl, service, readyMaxMs);
      if (candidate !== undefined) candidates.push(candidate);
    }
  } catch (error) {
    // It has no traffic, and stays without.
    return { promoted: false, why: error instanceof Error ? error.message : String(error), seconds: 0 };
  }
  if (candidates.length === 0) return { promoted: true, why: 'there is no new revision', seconds: 0 };
  return runCanary({
    candidates,
    share: Number(values.share),
    limits: { ...usualLimits, requestsMin: Number(values.requests) },
    askEveryMs: Number(values['ask-seconds']) * 1_000,
    lastsMaxMs: Number(values.minutes) * minuteMs,
    ask: askBy(fetcherOf(values.prometheus)),
    divide: (service, percent) => divide(kubectl, service, percent),
    sleep: (ms) => sleep(ms),
    now: () => Date.now(),
    say: (line) => console.log(line),
    stopping,
  });
}

function fetcherOf(place: string): (path: string) => Promise<string> {
  if (place.startsWith('http')) return async (path) => (await fetch(new URL(path, place))).text();
  const [namespace = '', service = ''] = place.split('/');
  return (path) => kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/services/${service}/proxy${path}`);
}
