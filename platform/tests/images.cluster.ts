// Every image as it is published, built alone: what is in it, that it starts as its pod does, answers its probe, handles one CloudEvent and
// ends when it is told to. Takes its pods' settings from the bank that is on the cluster.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { toBinaryMessage, type EventMessage } from '../../eventing/events/cloudevent.ts';
import { transactionCompleted } from '../../eventing/events/transaction-completed.ts';
import { createVoice, type SigningKey } from '../../eventing/signing/voice.ts';
import type { Contract } from '../../functions/shared/contract/function.ts';
import { deployments } from '../functions/deployments.ts';
import { imageNames } from '../images/contents.ts';
import { edgeImage, jobsImage } from '../images/programs.ts';
import { findBank, kindFolder } from './testing/bank.ts';
import { note } from './testing/figures.ts';
import { endBy, exitCode, filesOf, podOf, templateOf, withPod } from './testing/image-pods.ts';
import { applyYaml, execNode, kubectl, portForward, secret } from './testing/kubectl.ts';
import { stringify } from 'yaml';

const tag = 'alone';
const imageOf = (name: string) => `dev.local/microbank/${name}:${tag}`;
const bases = { node: 'node:24.21.0-bookworm-slim', nginx: 'nginxinc/nginx-unprivileged:1.28.0-alpine-slim' };
/** No account, user or transaction has it: what a command asks with it changes nothing. */
const nobody = 999_999_999;

async function build(name: string): Promise<void> {
  const words = name === edgeImage ? [name] : ['functions', name];
  const script = `source "${kindFolder}/lib.sh"; source "${kindFolder}/phases/images.sh"; TAG=${tag}; build_image "$@"; load_image "\${2:-$1}"`;
  await promisify(execFile)('bash', ['-c', script, 'build', ...words], { maxBuffer: 64 * 1024 * 1024 });
}

const baseFiles = new Map<string, Map<string, number>>();
let teller: string;
beforeAll(async () => {
  teller = await (await findBank()).teller.token();
  baseFiles.set('node', await filesOf('image-base-node', bases.node));
  baseFiles.set('nginx', await filesOf('image-base-nginx', bases.nginx));
});

/** What an image has and its base has not, or not the same. */
async function ownFiles(name: string): Promise<Map<string, number>> {
  const base = baseFiles.get(name === edgeImage ? 'nginx' : 'node');
  const files = await filesOf(`image-files-${name}`, imageOf(name));
  return new Map([...files].filter(([path, bytes]) => base?.get(path) !== bytes));
}

/** Tests, sources, maps, packages, tools, keys. A migration is SQL, and a Trigger YAML. */
const unwanted =
  /\.test\.|\/tests?\/|\/testing\/|\.ts$|\.svelte$|\.map$|node_modules|\/(npm|npx|corepack|yarn)|\.(pem|key|p12|pfx)$|id_(rsa|ed25519)|\.env$|\.git\//;

async function looksAsItShould(name: string): Promise<string> {
  const files = await ownFiles(name);
  const places = name === edgeImage ? /^\/(srv|etc)\/edge\// : /^\/bank\//;
  const elsewhere = [...files.keys()].filter((path) => !places.test(path));
  expect(elsewhere, 'outside of its folders').toEqual([]);
  expect([...files.keys()].filter((path) => unwanted.test(path))).toEqual([]);
  expect(files.size).toBeGreaterThan(5);
  const bytes = [...files.values()].reduce((sum, each) => sum + each, 0);
  return `${files.size} files, ${(bytes / 1_000_000).toFixed(1)} MB`;
}

type Answer = { status: number; type: string | null; problem: string | undefined };

/** To the pod's own port, as what delivers events does it. */
async function post(pod: string, container: string, path: string, { headers, body }: EventMessage): Promise<Answer> {
  const request = JSON.stringify({ method: 'POST', headers, body });
  const script = `fetch('http://127.0.0.1:8080${path}', ${request}).then(async (answer) => console.log(JSON.stringify({
    status: answer.status, type: answer.headers.get('ce-type'), text: await answer.text() })));`;
  const { status, type, text } = JSON.parse(await execNode(pod, container, script)) as Answer & { text: string };
  const problem = status >= 400 ? (JSON.parse(text) as { code: string }).code : undefined;
  return { status, type, problem };
}

const eventOf = (type: string, data: unknown) => ({
  id: crypto.randomUUID(),
  type,
  source: '/test/images',
  subject: 'test',
  time: new Date().toISOString(),
  data,
  partitionkey: '1',
  sequence: '00000000000000000001',
  traceparent: null,
});

/** Nobody is told of it. */
function fact() {
  const data = structuredClone(transactionCompleted.example);
  for (const entry of data.entries) entry.user_id = null;
  return { ...eventOf(transactionCompleted.type, data), source: '/microbank/deposit' };
}

/** One that the function takes, and the path at which; of a function that takes none, one that it refuses in words. */
async function eventFor({ command, routes, consumes = [] }: Contract): Promise<[path: string, message: EventMessage]> {
  if (consumes.length === 0) {
    const example = routes[command?.route as keyof typeof routes]?.example?.command;
    const data = Object.entries(example ?? {}).map(([name, value]) => {
      if (/(^|_)id$/.test(name)) return [name, nobody];
      return [name, name === 'email' ? `image-${crypto.randomUUID()}@example.com` : value];
    });
    const message = toBinaryMessage(
      eventOf(command?.type ?? 'com.microbank.deposit.requested', Object.fromEntries(data)),
    );
    return ['/', { ...message, headers: { ...message.headers, authorization: `Bearer ${teller}` } }];
  }
  if (consumes.includes(transactionCompleted.type)) {
    const { EVENT_SIGNING_KEY = '' } = await secret('event-key-ledger');
    const event = fact();
    return ['/', toBinaryMessage(event, createVoice(JSON.parse(EVENT_SIGNING_KEY) as SigningKey).signNow(event))];
  }
  const { PLATFORM_PROOF = '' } = await secret('platform-proof');
  const type = consumes.includes('*') ? 'com.example.test' : (consumes[0] ?? '');
  return [`/platform/${PLATFORM_PROOF.split(',')[0]}`, toBinaryMessage(eventOf(type, {}))];
}

const deployed = await deployments();
const functions = (await imageNames()).filter((name) => name !== edgeImage && name !== jobsImage);

describe.each(functions)('%s', (name) => {
  test('is built, holds what it needs, starts, is ready, handles an event and ends', async () => {
    await build(name);
    const holds = await looksAsItShould(name);
    for (const { name: service, contract } of deployed.filter(({ contract }) => contract.name === name)) {
      const template = await templateOf('ksvc', service);
      const pod = `image-${service}`;
      const container = template.spec.containers[0].name;
      const did = await withPod(pod, podOf(pod, template, imageOf(name)), async () => {
        const answer = await post(pod, container, ...(await eventFor(contract)));
        return { answer, ended: await endBy(pod, 'TERM', container) };
      });
      const { status, type, problem } = did.answer;
      await note(
        'images',
        service,
        `${holds}; event: ${[status, type ?? problem ?? ''].join(' ')}; ended after ${did.ended.ms.toFixed(0)} ms`,
      );
      if (contract.consumes !== undefined) expect(did.answer).toEqual({ status: 204, type: null, problem: undefined });
      else if (contract.command !== undefined) expect(type ?? problem).toMatch(/^com\.microbank\.|_not_found$/);
      // One that answers questions says it by a fault, which a broker does not take for done.
      else expect(`${status} ${problem}`).toMatch(/^404 route_not_found$|^500 cloudevent_type_unexpected$/);
      expect(did.ended.code).toBe(0);
    }
  });
});

test('jobs: its programs run to their end', async () => {
  await build(jobsImage);
  const template = await templateOf('ksvc', 'deposit');
  const container = template.spec.containers[0];
  container.args = ['/bank/keys.js'];
  delete container.readinessProbe;
  delete container.livenessProbe;
  const pod = 'image-jobs';
  await applyYaml(stringify(podOf(pod, template, imageOf(jobsImage))));
  try {
    expect(await exitCode(pod)).toBe(0);
  } finally {
    await kubectl('delete', 'pod', pod, '--grace-period=1', '--wait=true');
  }
  await note('images', jobsImage, `${await looksAsItShould(jobsImage)}; keys ended with 0`);
});

test('edge: serves pages, takes no event, and ends when it is told to', async () => {
  await build(edgeImage);
  const holds = await looksAsItShould(edgeImage);
  const template = await templateOf('deployment', 'edge');
  const container = template.spec.containers[0].name;
  const pod = 'image-edge';
  const ended = await withPod(pod, podOf(pod, template, imageOf(edgeImage)), async () => {
    await using edge = await portForward(`pod/${pod}`, 8080);
    const page = await fetch(edge.url);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const { headers, body } = toBinaryMessage(fact());
    expect((await fetch(edge.url, { method: 'POST', headers, body })).status).toBe(405);
    return await endBy(pod, 'QUIT', container);
  });
  expect(ended.code).toBe(0);
  await note('images', edgeImage, `${holds}; ended after ${ended.ms.toFixed(0)} ms`);
});
