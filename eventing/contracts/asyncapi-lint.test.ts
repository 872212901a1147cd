// What AsyncAPI's own parser and Spectral say of the description of the events.
import { Parser } from '@asyncapi/parser';
import spectral, { type RulesetDefinition } from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';
import { expect, test } from 'vitest';
import { createAsyncApi } from '../../functions/shared/describe/asyncapi.ts';
import { readContracts } from './contract-files.ts';

const described = createAsyncApi(await readContracts());

test('the parser of AsyncAPI reads it without a word', async () => {
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(described));
  const said = diagnostics as readonly { code: string; path: string[]; message: string }[];
  expect(said.map(({ code, path, message }) => `${code} ${path.join('/')}: ${message}`)).toEqual([]);
  const { operations } = described as { operations: object };
  expect(document?.operations().all()).toHaveLength(Object.keys(operations).length);
}, 60_000);

test('the parser is asked: it finds a channel that is not there', async () => {
  const broken = structuredClone(described) as { operations: Record<string, { channel: { $ref: string } }> };
  (broken.operations['commands'] ?? { channel: { $ref: '' } }).channel.$ref = '#/channels/nowhere';
  const { diagnostics } = await new Parser().parse(JSON.stringify(broken));
  expect(diagnostics.length).toBeGreaterThan(0);
}, 60_000);

/** Off for a reason: no address answers for this bank yet. */
const off = { 'asyncapi-info-contact': 'off' } as const;

test('Spectral finds nothing, with every rule it has for AsyncAPI', async () => {
  const linter = new spectral.Spectral();
  linter.setRuleset({ extends: [[rulesets.asyncapi as unknown as RulesetDefinition, 'all']], rules: off });
  const found = await linter.run(JSON.stringify(described));
  expect(found.map(({ code, path, message }) => `${code} ${path.join('/')}: ${message}`)).toEqual([]);
}, 60_000);
