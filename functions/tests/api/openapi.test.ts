// The OpenAPI document: valid, complete, and with examples that fit what it says. Next: ./openapi-examples.test.ts.
import { beforeAll, describe, expect, test } from 'vitest';
import { createOpenApi } from '../../shared/describe/openapi.ts';
import {
  findAll,
  openApiDocument,
  operationsOf,
  resolve,
  answersOf,
  type OpenApiDocument,
  type Operation,
} from './testing/openapi-document.ts';
import { compile, errorsOf } from './testing/json-schema.ts';
import { startWholeBank, type WholeBank } from './testing/whole-bank.ts';

let bank: WholeBank;
let document: OpenApiDocument;
let operations: Operation[];
beforeAll(async () => {
  bank = await startWholeBank();
  document = openApiDocument.parse(createOpenApi(bank.contracts));
  operations = operationsOf(document);
});

describe('the document', () => {
  test('has every route of every function, once', () => {
    expect(operations.map(({ key }) => key).sort()).toEqual([...bank.routes.keys()].sort());
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('points at nothing that it does not have', () => {
    for (const reference of findAll(document, '$ref'))
      expect(resolve(document, String(reference)), String(reference)).toBeDefined();
    const schemes = Object.keys(document.components.securitySchemes);
    for (const { key, security, tags } of operations) {
      for (const name of security.flatMap((choice) => Object.keys(choice)))
        expect([key, schemes]).toEqual([key, expect.arrayContaining([name])]);
      expect(document.tags.map(({ name }) => name)).toContain(tags[0]);
    }
  });

  test('declares the parameters of each path, and no others', () => {
    for (const { path, key, parameters } of operations) {
      const declared = parameters.filter((parameter) => parameter.in === 'path');
      expect([key, ...declared.map(({ name }) => name)]).toEqual([
        key,
        ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      ]);
      expect(declared.every(({ required }) => required)).toBe(true);
      const names = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('has schemas that compile, and describes amounts and ids by them', () => {
    for (const found of findAll(document, 'schema')) expect(() => compile(document, found)).not.toThrow();
  });

  test('says who may call what', () => {
    for (const { key, security } of operations) {
      expect([key, security.some((choice) => Object.keys(choice).length === 0)]).toEqual([
        key,
        bank.routes.get(key)?.access === 'anyone',
      ]);
    }
  });
});

test('every operation but the event stream has an example of all that it needs and gives', () => {
  const missing: string[] = [];
  for (const operation of operations) {
    const { key, parameters, requestBody } = operation;
    const answer = answersOf(operation);
    if (!answer['application/json'] && answer['text/event-stream']) continue;
    for (const { name, required, example } of parameters)
      if (required && example === undefined) missing.push(`${key}: ${name}`);
    if (requestBody && requestBody.content['application/json'].example === undefined) missing.push(`${key}: body`);
    if (answer['application/json'] && answer['application/json'].example === undefined) missing.push(`${key}: answer`);
  }
  expect(missing).toEqual([]);
});

test('the examples fit their schemas', () => {
  const wrong: string[] = [];
  const check = (where: string, { schema, example }: { schema: unknown; example?: unknown }) => {
    if (example !== undefined)
      wrong.push(...errorsOf(compile(document, schema), example).map((error) => `${where}: ${error}`));
  };
  for (const operation of operations) {
    const { key, parameters, requestBody } = operation;
    for (const parameter of parameters) check(`${key} ${parameter.name}`, parameter);
    for (const media of Object.values(requestBody?.content ?? {})) check(`${key} body`, media);
    for (const media of Object.values(answersOf(operation))) check(`${key} answer`, media);
  }
  expect(wrong).toEqual([]);
});
