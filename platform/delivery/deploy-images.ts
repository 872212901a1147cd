// Commits what is to run to the branch `deployed`: node platform/delivery/deploy-images.ts built.json
// or back to what ran before: node platform/delivery/deploy-images.ts --back deposit,transfer --why "2 % of its answers were errors"
import { appendFile, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { deployImages, rollBackImages } from './deploy.ts';
import type { Built } from './publish.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { back: { type: 'string' }, why: { type: 'string', default: 'By hand.' } },
});
const options = { checkout: resolve(import.meta.dirname, '../..') };
const [file] = positionals;
if ((values.back === undefined) === (file === undefined)) {
  throw new Error('say what: node platform/delivery/deploy-images.ts built.json, or --back IMAGE,IMAGE --why TEXT');
}
const commit =
  file === undefined
    ? await rollBackImages((values.back ?? '').split(','), values.why, options)
    : await deployImages(JSON.parse(await readFile(file, 'utf8')) as Built, options);
console.log(commit === undefined ? 'nothing to commit: this, or something newer, is deployed' : `committed ${commit}`);

const { GITHUB_OUTPUT: output } = process.env;
if (output !== undefined) await appendFile(output, `commit=${commit ?? ''}\n`);
