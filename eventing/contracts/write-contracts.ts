// `npm run contracts`: writes the files of this folder from the contracts in the code, unless that would break a released one.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { createDataSchemas } from '../events/data-schemas.ts';
import {
  contractsFolder,
  createContractFiles,
  findBrokenPromises,
  readContractFiles,
  readContracts,
} from './contract-files.ts';

const contracts = await readContracts();
const before = await readContractFiles();
const broken = findBrokenPromises(before, createDataSchemas(contracts));

if (broken.length > 0) {
  process.stderr.write(
    `${broken.join('\n')}\nNothing was written: a changed meaning is a new type beside the old one.\n`,
  );
  process.exitCode = 1;
} else {
  const lines: string[] = [];
  for (const [name, content] of createContractFiles(contracts)) {
    const path = fileURLToPath(new URL(name, contractsFolder));
    const text = await format(JSON.stringify(content), { ...(await resolveConfig(path)), filepath: path });
    await writeFile(path, text);
    const was = before.get(name);
    const isSame = JSON.stringify(was) === JSON.stringify(content);
    lines.push(`${was ? (isSame ? 'same   ' : 'changed') : 'new    '} ${name}\n`);
  }
  process.stdout.write(lines.join(''));
}
