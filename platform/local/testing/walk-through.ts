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

/** `folder` has the teller.json. `said` is what the script has to print. */
export async function walkThrough(bank: {
  address: string;
  folder: string;
}): Promise<{ script: string; said: string[] }> {
  const section = await readmeSection('Walk through it');
  const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, commands = '']) => commands);
  expect(blocks).toHaveLength(4);

  const [setUp = '', deposit = '', look = '', refused = ''] = blocks;
  const notified = `until curl -sS "$API/notifications" -H "$AUTH" | grep -q Deposit; do sleep 0.1; done`;
  const script = [setUp, deposit, notified, look, refused]
    .join('\n')
    .replaceAll('http://localhost:8080', bank.address)
    .replaceAll('.microbank/', `${bank.folder}/`);
  const said = [...(look + refused).matchAll(/# … (.*) …$/gm)].map(([, text = '']) => text);
  expect(said).toHaveLength(3);
  return { script, said };
}
