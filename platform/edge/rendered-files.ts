// What is checked in of the edge's configuration, by path.
import { join } from 'node:path';
import { readContracts } from '../../eventing/contracts/contract-files.ts';
import { images, renderImage, renderNginx } from './edge-files.ts';
import { edgeSettings } from './settings.ts';

export const nginxFolder = join(import.meta.dirname, '../base/edge/nginx');
const imageFolder = join(import.meta.dirname, 'image');

export async function renderedFiles(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [name, text] of renderNginx(await readContracts(), edgeSettings)) files.set(join(nginxFolder, name), text);
  for (const [image, parts] of Object.entries(images)) {
    for (const [name, text] of renderImage(parts, edgeSettings.httpsPort)) {
      files.set(join(imageFolder, image, name), text);
    }
  }
  return files;
}
