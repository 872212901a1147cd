// Nothing is named, joined or signed before all of a push is scanned.
import { expect, test } from 'vitest';
import { renderDeployed, referenceOf } from './deployed.ts';
import { bakeFile, planImages, type Plan } from './plan.ts';
import { publishImages, type Run } from './publish.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const commit = 'c'.repeat(40);
const plan: Plan = {
  commit,
  registry: 'registry.test/bank',
  all: false,
  names: ['deposit', 'edge', 'jobs'],
  build: [
    { name: 'deposit', content: 'one' },
    { name: 'edge', content: 'two' },
  ],
  refused: [],
  remove: [],
};
const platforms = {
  amd64: { deposit: { 'containerimage.digest': digest('1') }, edge: { 'containerimage.digest': digest('2') } },
  arm64: { deposit: { 'containerimage.digest': digest('3') }, edge: { 'containerimage.digest': digest('4') } },
};

function givenPrograms(answer: (line: string) => string | Error = () => '') {
  const lines: string[] = [];
  const run: Run = (program, ...words) => {
    const line = [program, ...words].join(' ');
    lines.push(line);
    const said = answer(line);
    return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
  };
  return { lines, run };
}

const usual = (line: string) => (line.includes('inspect') ? digest('9') : '');

test('each image is scanned for each platform, then joined, then signed by its digest', async () => {
  const { lines, run } = givenPrograms(usual);
  const built = await publishImages(plan, platforms, 'reports', run);
  const steps = lines.map((line) =>
    line
      .split(' ')
      .slice(0, line.startsWith('docker') ? 4 : 2)
      .join(' '),
  );
  const scanned = ['trivy image', 'trivy image'];
  const published = ['docker buildx imagetools create', 'docker buildx imagetools inspect', 'cosign sign'];
  expect(steps).toEqual([...scanned, ...scanned, ...scanned, ...scanned, ...published, ...published]);
  expect(lines).toContain(
    `docker buildx imagetools create --tag registry.test/bank/deposit:${commit} registry.test/bank/deposit@${digest('1')} registry.test/bank/deposit@${digest('3')}`,
  );
  expect(lines).toContain(`cosign sign --yes --recursive registry.test/bank/edge@${digest('9')}`);
  expect(built).toEqual({
    commit,
    registry: 'registry.test/bank',
    all: false,
    names: ['deposit', 'edge', 'jobs'],
    images: {
      deposit: { digest: digest('9'), content: 'one', commit },
      edge: { digest: digest('9'), content: 'two', commit },
    },
  });
});

test('a flaw in one image for one platform keeps all of the push from being published', async () => {
  const isFlawed = (line: string) => line.includes('--exit-code') && line.endsWith(digest('4'));
  const { lines, run } = givenPrograms((line) => (isFlawed(line) ? new Error('CVE') : usual(line)));
  await expect(publishImages(plan, platforms, 'reports', run)).rejects.toThrow(
    'a fix in edge (arm64); nothing was published',
  );
  expect(lines.filter((line) => !line.startsWith('trivy'))).toEqual([]);
});

test('an image that one platform did not build is no image', async () => {
  const { lines, run } = givenPrograms(usual);
  const without = { ...platforms, arm64: { deposit: platforms.arm64.deposit } };
  await expect(publishImages(plan, without, 'reports', run)).rejects.toThrow('nothing was built of edge for arm64');
  expect(lines).toEqual([]);
});

test('builders push without a tag, with provenance and a bill of materials', () => {
  expect(bakeFile(plan, 'linux/arm64', 'https://github.com/bank/bank')).toMatchObject({
    group: { default: { targets: ['deposit', 'edge'] } },
    target: {
      deposit: {
        args: { IMAGE: 'deposit' },
        dockerfile: 'platform/images/functions.Dockerfile',
        platforms: ['linux/arm64'],
        attest: ['type=provenance,mode=max', 'type=sbom'],
        output: ['type=image,name=registry.test/bank/deposit,push-by-digest=true,name-canonical=true,push=true'],
      },
      edge: { dockerfile: 'platform/images/edge.Dockerfile' },
    },
  });
});

test('in another registry everything is new', () => {
  const image = { digest: digest('1'), content: 'one', commit };
  const deployed = { registry: 'registry.test/bank', source: commit, images: { deposit: image } };
  expect(planImages({ deposit: 'one' }, deployed, { commit }).build).toEqual([]);
  const { build } = planImages({ deposit: 'one' }, deployed, { commit, registry: 'registry.test/fork' });
  expect(build).toEqual([{ name: 'deposit', content: 'one' }]);
});

test('an image that was never published is one that no pod can start, beside those that were', () => {
  const image = { digest: digest('1'), content: 'one', commit };
  const deployed = { registry: 'registry.test/bank', source: commit, images: { deposit: image } };
  const text = renderDeployed(
    deployed,
    new Map([
      ['deposit', ['deposit']],
      ['relay', ['relay-ledger', 'relay-users']],
    ]),
  );
  expect(text.match(/name: \S+ \}\n[^\n]*\n[^\n]*value: '[^']*'/g)).toEqual(
    [
      ['deposit', `registry.test/bank/deposit@${digest('1')}`],
      ['relay-ledger', 'registry.test/bank/relay:unpublished'],
      ['relay-users', 'registry.test/bank/relay:unpublished'],
    ].map(([name, value]) => expect.stringMatching(new RegExp(`^name: ${name} [^]*'${value}'$`)) as unknown),
  );
  expect(referenceOf(deployed, 'edge')).toBe('registry.test/bank/edge:unpublished');
});
