// Compresses built files once, so that serving them costs nothing: `name.br` and `name.gz` beside `name`.
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const asBrotli = promisify(brotliCompress);
const asGzip = promisify(gzip);

/** A file this small fits into one packet either way. */
const worthwhileBytes = 1_024;

export async function compressFiles(folder: string): Promise<void> {
  for await (const name of glob('**/*.{html,js,css,svg,json,webmanifest}', { cwd: folder })) {
    const content = await readFile(join(folder, name));
    if (content.length < worthwhileBytes) continue;
    const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    await writeFile(join(folder, `${name}.br`), await asBrotli(content, { params }));
    await writeFile(join(folder, `${name}.gz`), await asGzip(content, { level: 9 }));
  }
}
