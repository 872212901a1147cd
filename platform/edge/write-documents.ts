// Writes the descriptions of the API as files, for the image of the edge: `node platform/edge/write-documents.ts <folder>`.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readContracts } from '../../eventing/contracts/contract-files.ts';
import { createAsyncApi } from '../../functions/shared/describe/asyncapi.ts';
import { createOpenApi } from '../../functions/shared/describe/openapi.ts';
import { compressFiles } from '../../web/build/compress-files.ts';
import { prefix } from './routes.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('say where to: node platform/edge/write-documents.ts <folder>');

const contracts = await readContracts();
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'openapi.json'), JSON.stringify(createOpenApi(contracts, prefix)));
await writeFile(join(folder, 'asyncapi.json'), JSON.stringify(createAsyncApi(contracts)));
await compressFiles(folder);
