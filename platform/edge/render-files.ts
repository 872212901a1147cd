// files.conf: the web UI, the descriptions of the API and the verification keys, as the local gateway serves them.
import { commonHeaders } from '../../functions/shared/contract/headers.ts';
import { cachingOf, contentTypes, ownPages, pageHeaders, policyOf } from '../../web/build/page-headers.ts';
import { addHeaders, map, place, quote, quoteLiteral } from './nginx-text.ts';
import { strictTransport } from './render-answers.ts';
import type { EdgeSettings } from './settings.ts';

/** Maps for the http block. */
export function renderCaching(): string {
  // What is tried first, and the page for what is no file: one of both is "/-", which is none.
  const policies = Object.values(ownPages).map((file) => {
    return [quote(`~(^| )${file.replaceAll('.', '\\.')}( |$)`), quoteLiteral(policyOf(file))] as const;
  });
  // By the file, not by what was asked for: the page in a missing file's place must not stay for a year.
  const caching = map('$page_file', '$page_caching', [
    ['~^/assets/', quoteLiteral(cachingOf('/assets/'))],
    ['default', quoteLiteral(cachingOf('/'))],
  ]);
  return caching + map('"$page_file $page"', '$page_policy', [...policies, ['default', quoteLiteral(policyOf('/'))]]);
}

export function renderFiles({ configFolder, filesFolder }: EdgeSettings): string {
  const types = Object.entries(contentTypes).map(([ending, type]) => `  "${type}" ${ending.slice(1)};\n`);
  return `# Two builds can have files of one size and, in images, of one time: nothing here tells them apart, so nothing is compared.
etag off;
if_modified_since off;
max_ranges 0;

${place('page', `root ${filesFolder}/pages;\ntypes {\n${types.join('')}}\n${fileHeaders({ ...pageHeaders, 'content-security-policy': '$page_policy', 'cache-control': '$page_caching' })}try_files $page_file $page =404;\n`)}
${place('document', `root ${filesFolder};\n${jsonFile}try_files $document =404;\n`)}
# Mounted as a folder, so that new keys are there without a restart.
${place('keys', `root ${configFolder}/keys;\n${jsonFile}try_files /jwks.json =404;\n`)}
${place('event-keys', `root ${configFolder}/keys;\n${jsonFile}try_files /event-keys.json =404;\n`)}`;
}

function fileHeaders(headers: Readonly<Record<string, string>>): string {
  return addHeaders({ ...headers, ...strictTransport, 'last-modified': '' });
}

const jsonFile = `types {}
default_type application/json;
${fileHeaders({ ...commonHeaders, 'cache-control': 'public, max-age=60' })}`;
