// The published contracts are what the code does, promise no less than before, and describe every event there is.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type AnySchema } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { createAsyncApi } from '../../functions/shared/describe/asyncapi.ts';
import type { Config } from '../../functions/shared/process/config.ts';
import { createEnvironment } from '../../functions/shared/process/create-environment.ts';
import { loadFunction } from '../../functions/shared/process/load-functions.ts';
import { bankEvents } from '../events/bank-events.ts';
import { createDataSchemas } from '../events/data-schemas.ts';
import { createContractFiles, findBrokenPromises, readContractFiles, readContracts } from './contract-files.ts';

const contracts = await readContracts();
const schemas = createDataSchemas(contracts);
const released = await readContractFiles();
const asyncApi = createAsyncApi(contracts);

test('no change of a contract breaks what was released', () => {
  expect(findBrokenPromises(released, schemas)).toEqual([]);
});

test.each([...createContractFiles(contracts)])('%s is what `npm run contracts` writes', (name, content) => {
  expect(
    released.get(name),
    `eventing/contracts/${name} is out of date: run npm run contracts, and review what changed`,
  ).toEqual(content);
});

test('no file is left over', () => {
  expect([...released.keys()].sort()).toEqual([...createContractFiles(contracts).keys()].sort());
});

test.each(schemas.map((data) => [data.type, data] as const))('%s: the example keeps to the schema', (_type, data) => {
  const validate = new Ajv2020({ strict: true, validateFormats: false }).compile(data.schema);
  expect(data.schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', $id: data.dataschema });
  expect([validate(data.example), validate.errors]).toEqual([true, null]);
  expect(validate({})).toBe(false);
});

test.each(schemas.map((data) => [data.type, data] as const))(
  '%s: a field that nobody knows is fine in an event and refused in a command',
  (_type, { schema, example, direction }) => {
    const validate = new Ajv2020({ strict: true, validateFormats: false }).compile(schema);
    expect(validate({ ...(example as object), surprise: 1 })).toBe(direction === 'given');
  },
);

test('the AsyncAPI description keeps to the schema of AsyncAPI 3.1', () => {
  const path = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.1.0-without-$id.json');
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(
    JSON.parse(readFileSync(path, 'utf8')) as AnySchema,
  );
  expect([validate(asyncApi), validate.errors]).toEqual([true, null]);
  expect(validate({ ...asyncApi, channels: { broker: { messages: [] } } })).toBe(false);
});

test('every reference in it leads somewhere', () => {
  const references = findReferences(asyncApi);
  expect(references.length).toBeGreaterThan(50);
  expect(references.filter((reference) => resolve(reference) === undefined)).toEqual([]);
});

test('it has every event that the bank emits, consumes or takes as a command', () => {
  const { messages } = asyncApi.components as { messages: Record<string, unknown> };
  const named = contracts.flatMap(({ command, consumes = [], emits = [] }) => [
    ...(command ? [command.type] : []),
    ...consumes.map((type) => (type === '*' ? 'any' : type)),
    ...emits,
  ]);
  expect(named.filter((type) => !Object.hasOwn(messages, type))).toEqual([]);
  expect(bankEvents.filter(({ type }) => !named.includes(type))).toEqual([]);
});

test('it has every question that a function answers', async () => {
  const environment = createEnvironment(config);
  const { operations } = asyncApi as { operations: Record<string, unknown> };
  const described = Object.keys(operations).filter((name) => name.includes('.answers.'));
  const names = contracts.filter(({ consumes, answers }) => consumes ?? answers).map(({ name }) => name);
  const answered = (await Promise.all(names.map(loadFunction))).flatMap(({ contract, bind }) =>
    (bind(environment).questions ?? []).map(({ question }) => `${contract.name}.answers.${question.requested}`),
  );
  expect(described.sort()).toEqual(answered.sort());
  await environment.close();
});

test('the examples of its messages keep to their headers and their payload', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(asyncApi, 'asyncapi');
  const { messages } = asyncApi.components as { messages: Record<string, { examples?: Example[] }> };
  const examples = Object.entries(messages).flatMap(([type, { examples: given = [] }]) =>
    given.map((example) => [type, example] as const),
  );
  expect(examples).toHaveLength(schemas.length);
  for (const [type, { headers, payload }] of examples) {
    const place = `asyncapi#/components/messages/${type}`;
    expect([type, ajv.validate({ $ref: `${place}/headers` }, headers), ajv.errors]).toEqual([type, true, null]);
    expect([type, ajv.validate({ $ref: `${place}/payload` }, payload), ajv.errors]).toEqual([type, true, null]);
  }
});

/** Enough to bind functions that are not called: nothing connects before it is needed. */
const nowhere = 'postgres://nobody@127.0.0.1:9/none';
const config: Config = {
  port: 0,
  host: '127.0.0.1',
  databaseUrls: { users: nowhere, ledger: nowhere, notifications: nowhere },
  poolMax: 1,
  jwksUrl: 'http://127.0.0.1:9',
  endedSessionsUrl: 'http://127.0.0.1:9',
  jwtIssuer: 'https://issuer.test',
  jwtAudience: 'test',
  functionUrl: 'http://127.0.0.1:9/{function}',
  logLevel: 'silent',
};

type Example = { headers: unknown; payload: unknown };

function findReferences(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = '$ref' in node && typeof node.$ref === 'string' ? [node.$ref] : [];
  return [...own, ...Object.values(node).flatMap(findReferences)];
}

function resolve(reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  const steps = reference.slice(2).split('/');
  return steps.reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], asyncApi);
}
