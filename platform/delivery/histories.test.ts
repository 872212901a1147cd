// What pushes of every kind build, and what they commit, in a small repository with an origin of its own.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deployImages, rollBackImages } from './deploy.ts';
import {
  builtOf,
  digestOf,
  givenRepository,
  withFunction,
  type SampleRepository,
} from './testing/sample-repository.ts';

const all = ['deposit', 'edge', 'jobs', 'notify', 'withdraw'];

describe('one push after the other', () => {
  let bank: SampleRepository;
  beforeAll(async () => {
    bank = await givenRepository();
  });
  afterAll(() => bank[Symbol.asyncDispose]());

  /** Plans what was pushed, builds it, deploys it, and says what happened. */
  const deliver = async () => {
    const plan = await bank.plan();
    const committed = await deployImages(builtOf(plan), { checkout: bank.folder, waitMs: 1 });
    const { record, subjects } = await bank.deployed();
    return {
      builds: plan.build.map(({ name }) => name),
      removes: plan.remove,
      refused: plan.refused,
      commit: committed === undefined ? undefined : subjects[0]?.replace(/ [0-9a-f]{9}$/, ''),
      record,
    };
  };

  test('the first push builds everything, and deploys it by digest', async () => {
    const { builds, commit, record } = await deliver();
    expect({ builds, commit }).toEqual({ builds: all, commit: 'deploy: deposit, edge, jobs, notify, withdraw from' });
    expect(Object.keys(record.images)).toEqual(all);
    const { kustomization } = await bank.deployed();
    for (const name of ['deposit', 'notify', 'withdraw'])
      expect(kustomization).toContain(`value: 'registry.test/bank/${name}@${record.images[name]?.digest}'`);
    for (const name of ['jobs', 'edge'])
      expect(kustomization).toContain(`newName: registry.test/bank/${name}, digest: '${record.images[name]?.digest}'`);
  });

  test('the same again builds nothing and commits nothing', async () => {
    expect(await deliver()).toMatchObject({ builds: [], removes: [], commit: undefined });
  });

  test('several commits in one push are one commit of what they come to', async () => {
    const before = (await bank.deployed()).record;
    await bank.push(
      { 'functions/deposit/deposit.ts': 'export const deposit = () => 1;\n' },
      { 'README.md': 'A bank, described.\n' },
      {
        'functions/withdraw/withdraw.ts': `import { parse } from '../shared/money.ts';\nexport const withdraw = (text) => 0 - parse(text);\n`,
      },
      {
        'functions/deposit/deposit.ts': `import { parse } from '../shared/money.ts';\nexport const deposit = (text) => 0 + parse(text);\n`,
      },
    );
    const { record, ...rest } = await deliver();
    expect(rest).toMatchObject({ builds: ['deposit', 'withdraw'], commit: 'deploy: deposit, withdraw from' });
    for (const name of ['edge', 'jobs', 'notify']) expect(record.images[name]).toEqual(before.images[name]);
  });

  test('a commit and the one that takes it back build nothing', async () => {
    const text = (amount: number) => `export const notify = () => ${amount};\n`;
    await bank.push(
      { 'functions/notify/notify.ts': text(1) },
      { 'functions/notify/notify.ts': `export const notify = () => 'told';\n` },
    );
    expect(await deliver()).toMatchObject({ builds: [], commit: undefined });
  });

  test('shared code builds those that contain it, and no other', async () => {
    await bank.push({ 'functions/shared/money.ts': 'export const parse = (text) => BigInt(text) * 100n;\n' });
    expect(await deliver()).toMatchObject({
      builds: ['deposit', 'withdraw'],
      commit: 'deploy: deposit, withdraw from',
    });
  });

  test('shared code that nobody contains builds nothing', async () => {
    await bank.push({ 'functions/shared/unused.ts': 'export const unused = 1;\n' });
    expect(await deliver()).toMatchObject({ builds: [], commit: undefined });
  });

  test('documents and tests alone build nothing and commit nothing', async () => {
    await bank.push({ 'README.md': 'Another.\n', 'functions/deposit/deposit.test.ts': 'test();\n' });
    expect(await deliver()).toMatchObject({ builds: [], commit: undefined });
  });

  test('a manifest alone builds nothing, and is deployed', async () => {
    await bank.push({ 'platform/base/kustomization.yaml': 'resources: [functions]\n' });
    expect(await deliver()).toMatchObject({ builds: [], commit: 'deploy: manifests from' });
    expect(await bank.git('show', 'FETCH_HEAD:platform/base/kustomization.yaml')).toBe('resources: [functions]');
  });

  test('a migration builds the Jobs, a page the edge', async () => {
    await bank.push({ 'functions/shared/database/migrations/ledger/0002-more.sql': 'CREATE TABLE entry ();\n' });
    expect(await deliver()).toMatchObject({ builds: ['jobs'], commit: 'deploy: jobs from' });
    await bank.push({ 'web/index.html': '<p>A new bank.</p>\n' });
    expect(await deliver()).toMatchObject({ builds: ['edge'], commit: 'deploy: edge from' });
  });

  test('a renamed function is a new image; the old one is no longer deployed', async () => {
    const removed = Object.fromEntries(Object.keys(withFunction('withdraw', '')).map((path) => [path, undefined]));
    const source = `import { parse } from '../shared/money.ts';\nexport const withdraw = (text) => -parse(text);\n`;
    await bank.push({ ...removed, ...withFunction('take-out', source) });
    const { record, ...rest } = await deliver();
    expect(rest).toMatchObject({
      builds: ['take-out'],
      removes: ['withdraw'],
      commit: 'deploy: take-out, no withdraw from',
    });
    expect(Object.keys(record.images)).toEqual(['deposit', 'edge', 'jobs', 'notify', 'take-out']);
    expect((await bank.deployed()).kustomization).not.toContain('withdraw');
  });

  test('what was rolled back stays back until somebody changes it', async () => {
    const good = (await bank.deployed()).record.images.notify;
    await bank.push({ 'functions/notify/notify.ts': `export const notify = () => 'wrong';\n` });
    expect(await deliver()).toMatchObject({ builds: ['notify'] });
    await rollBackImages(['notify'], '2 % of its answers were errors.', { checkout: bank.folder, waitMs: 1 });
    const back = await bank.deployed();
    expect(back.record.images.notify).toEqual(good);
    expect(back.subjects[0]).toBe('deploy: notify back to what it was');

    await bank.push({ 'functions/deposit/deposit.ts': 'export const deposit = () => 2;\n' });
    expect(await deliver()).toMatchObject({ builds: ['deposit'], refused: ['notify'], commit: 'deploy: deposit from' });
    expect((await bank.deployed()).record.images.notify).toEqual(good);

    await bank.push({ 'functions/notify/notify.ts': `export const notify = () => 'right';\n` });
    const { record, ...rest } = await deliver();
    expect(rest).toMatchObject({ builds: ['notify'], refused: [], commit: 'deploy: notify from' });
    expect(record.refused).toBeUndefined();
  });

  test('a new base builds everything, and rolls it', async () => {
    const plan = await bank.plan('--all');
    expect(plan.build.map(({ name }) => name)).toEqual(plan.names);
    const built = builtOf(plan);
    for (const image of Object.values(built.images)) image.digest = digestOf('newer', image.digest);
    await deployImages(built, { checkout: bank.folder, waitMs: 1 });
    const { record, subjects } = await bank.deployed();
    expect(record.images).toEqual(built.images);
    expect(subjects[0]).toMatch(/^deploy: deposit, edge, jobs, notify, take-out from /);
  });
});

describe('two pushes at once', () => {
  const change = (name: string, value: number) => ({
    [`functions/${name}/${name}.ts`]: `export const ${name} = ${value};\n`,
  });

  test('end as the later of them, whichever deploys first, and never as a mixture', async () => {
    await using bank = await givenRepository();
    await deployImages(builtOf(await bank.plan()), { checkout: bank.folder, waitMs: 1 });
    await bank.push(change('deposit', 1));
    const first = builtOf(await bank.plan());
    await bank.push(change('withdraw', 1));
    // Planned while nothing of the first was deployed, so it builds that as well.
    const second = builtOf(await bank.plan());
    expect([first, second].map(({ images }) => Object.keys(images))).toEqual([['deposit'], ['deposit', 'withdraw']]);

    const [one, other] = await Promise.all([bank.clone(), bank.clone()]);
    const commits = await Promise.all([
      deployImages(second, { checkout: one, waitMs: 20 }),
      deployImages(first, { checkout: other, waitMs: 20 }),
    ]);
    const { record, subjects } = await bank.deployed();
    expect(record.source).toBe(second.commit);
    // Of the same content it may be the first's copy.
    for (const [name, { digest }] of Object.entries(second.images)) expect(record.images[name]?.digest).toBe(digest);
    expect(commits[0]).toBeDefined();
    expect(subjects).toHaveLength(1 + commits.filter((commit) => commit !== undefined).length);

    expect(await deployImages(first, { checkout: other, waitMs: 1 })).toBeUndefined();
    expect((await bank.deployed()).record).toEqual(record);
  });

  test('a push from beside main is refused, and so is one that may not push', async () => {
    await using bank = await givenRepository();
    const plan = await bank.plan();
    await bank.git('checkout', '--quiet', '-b', 'beside');
    await bank.git('commit', '--quiet', '--allow-empty', '--message', 'beside');
    const beside = { ...builtOf(plan), commit: await bank.git('rev-parse', 'HEAD') };
    await bank.git('checkout', '--quiet', 'main');
    await deployImages(builtOf(plan), { checkout: bank.folder, waitMs: 1 });
    await bank.push(change('deposit', 1));
    const next = builtOf(await bank.plan());
    await deployImages(next, { checkout: bank.folder, waitMs: 1 });
    await expect(deployImages(beside, { checkout: bank.folder, waitMs: 1 })).rejects.toThrow('is not a successor of');

    const hook = join(bank.folder, '../origin.git/hooks/pre-receive');
    await writeFile(hook, '#!/bin/sh\necho protected >&2\nexit 1\n');
    await chmod(hook, 0o755);
    await bank.git('commit', '--quiet', '--allow-empty', '--message', 'more');
    const commit = await bank.git('rev-parse', 'HEAD');
    const more = { ...next, commit, images: { notify: { digest: 'sha256:0', content: 'new', commit } } };
    await expect(deployImages(more, { checkout: bank.folder, waitMs: 60_000 })).rejects.toThrow('protected');
  });
});
