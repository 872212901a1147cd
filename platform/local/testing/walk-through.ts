// The walk-through of README.md as one script, for a bank at another address.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { checkout } from '../settings.ts';

/** The part below a heading of the second level. */
export async function readmeSection(title: string): Promise<string> {
  const readme = await readFile(join(checkout, 'README.md'), 'utf8');
  return readme.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
}

type Place = { address: string; folder: string };
type Script = { script: string; said: string[] };

/** `folder` has the teller.json. `said` is what the script has to print. */
export async function walkThrough(bank: Place): Promise<Script> {
  const blocks = await blocksOf('Walk through it');
  expect(blocks).toHaveLength(4);

  const [setUp = '', deposit = '', look = '', refused = ''] = blocks;
  const notified = `until curl -sS "$API/notifications" -H "$AUTH" | grep -q Deposit; do sleep 0.1; done`;
  const said = saidIn(look + refused);
  expect(said).toHaveLength(3);
  return { script: at(bank, [setUp, deposit, notified, look, refused]), said };
}

/** What follows it: a command through the broker, which may take a moment. `folder` has the running.json. */
export async function askThroughBroker(bank: Place): Promise<Script> {
  const [send = '', look = '', ...more] = await blocksOf('Ask through the broker');
  expect(more).toEqual([]);
  const done = `until curl -sS "$API/transactions?account_id=$SAVINGS" -H "$AUTH" | grep -q transfer; do sleep 0.1; done`;
  const said = saidIn(send + look);
  expect(said).toHaveLength(3);
  return { script: at(bank, [send, done, look]), said };
}

async function blocksOf(title: string): Promise<string[]> {
  const section = await readmeSection(title);
  return [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, commands = '']) => commands);
}

function saidIn(commands: string): string[] {
  return [...commands.matchAll(/# … (.*) …$/gm)].map(([, text = '']) => text);
}

function at({ address, folder }: Place, commands: readonly string[]): string {
  return commands.join('\n').replaceAll('http://localhost:8080', address).replaceAll('.microbank/', `${folder}/`);
}
