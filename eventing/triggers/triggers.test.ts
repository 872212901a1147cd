// The bank's own Trigger manifests: complete, and one for each event that a function consumes.
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Contract } from '../../functions/shared/contract/function.ts';
import { readTriggers } from '../broker/read-triggers.ts';
import { proofPath, proofPlaceholder } from '../signing/platform-proof.ts';
import { bankEvents } from '../events/bank-events.ts';
import { isCommandType } from '../events/command-type.ts';

const triggers = await readTriggers(fileURLToPath(new URL('.', import.meta.url)));
const contracts = await readContracts();
const eventTypes = new Set(bankEvents.map((event) => event.type));

test('every command, and every event of the bank that a function consumes, has exactly one trigger to it, and none is left over', () => {
  const wanted = contracts.flatMap(({ name, command, consumes = [] }) =>
    [...(command ? [command.type] : []), ...consumes.filter((type) => eventTypes.has(type))].map(
      (type) => `${type} → ${name}`,
    ),
  );
  expect(wanted).not.toEqual([]);
  expect(triggers.map(({ filter, subscriber }) => `${filter.type} → ${subscriber.service}`).sort()).toEqual(
    wanted.sort(),
  );
});

test('every event that a function consumes or emits has a contract', () => {
  const named = contracts.flatMap(({ emits = [], consumes = [] }) => [...emits, ...consumes]);
  const foreign = named.filter((type) => !eventTypes.has(type) && type !== '*' && type !== 'dev.knative.sources.ping');
  expect(foreign).toEqual([]);
});

test.each(triggers.map((trigger) => [trigger.name, trigger] as const))(
  '%s delivers as the bank promises',
  (name, trigger) => {
    const { type = '' } = trigger.filter;
    const about = type
      .replace(/^com\.microbank\./, '')
      .replace(/\.requested$/, '')
      .replaceAll('.', '-');
    expect(name).toBe(`${isCommandType(type) ? 'command' : trigger.subscriber.service}-${about}`);
    // At the root: at its routes a function refuses in a way that a dispatcher takes for success.
    expect(trigger.subscriber.uri).toBeUndefined();
    expect(Object.keys(trigger.filter)).toEqual(['type']);
    expect(trigger.delivery).toEqual({
      retry: 5,
      backoffPolicy: 'exponential',
      backoffDelayMs: 500,
      timeoutMs: 30_000,
    });
    expect(trigger.deadLetterSink).toEqual({ service: 'dead-letter', uri: proofPath(proofPlaceholder) });
  },
);

async function readContracts(): Promise<Contract[]> {
  const functions = new URL('../../functions/', import.meta.url);
  const folders = await readdir(functions, { withFileTypes: true });
  const found: Contract[] = [];
  for (const folder of folders) {
    if (!folder.isDirectory() || folder.name === 'shared') continue;
    const files = await readdir(new URL(`${folder.name}/`, functions));
    if (!files.includes('contract.ts')) continue;
    const module = (await import(new URL(`${folder.name}/contract.ts`, functions).href)) as { contract: Contract };
    found.push(module.contract);
  }
  return found;
}
