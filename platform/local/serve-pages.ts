// Serves the built web UI as the edge does on a cluster: files by their name, and the one page for every other path.
// From memory (it is about 1 MB): a build that is deleted while the bank runs takes nothing away from it.
import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { splitTarget } from '../../functions/shared/serving/exchange.ts';
import { answerUnmatched, type Listener } from '../../functions/shared/serving/listener.ts';
import { cachingOf, contentTypes, ownPages, pageHeaders, policyOf } from '../../web/build/page-headers.ts';

type Encoding = 'br' | 'gzip' | 'identity';
type File = { contentType: string; caching: string; policy: string; etag: string; bodies: Map<Encoding, Buffer> };

const endings: Readonly<Record<string, Encoding | undefined>> = { '.br': 'br', '.gz': 'gzip' };

/** @throws Error when the folder holds no `index.html`. */
export async function servePages(folder: string): Promise<Listener> {
  const files = await readFiles(folder);
  const page = files.get('/index.html');
  if (!page) throw new Error(`${folder} holds no index.html`);
  return (request, response) => {
    const { path } = splitTarget(request.url);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const kind = request.method === 'OPTIONS' ? 'options' : 'wrong-method';
      return answerUnmatched(request, response, { kind, allow: ['GET', 'HEAD', 'OPTIONS'], instead: undefined });
    }
    // A path with an ending is a file's: the page in its place would only be taken for a broken script.
    const file = files.get(ownPages[path] ?? path) ?? (extname(path) === '' ? page : undefined);
    if (!file) return answerUnmatched(request, response, { kind: 'unknown' });
    send(file, request, response);
  };
}

async function readFiles(folder: string): Promise<Map<string, File>> {
  const files = new Map<string, File>();
  for await (const name of glob('**/*.*', { cwd: folder })) {
    const ending = extname(name);
    const encoding = endings[ending] ?? 'identity';
    const path = `/${encoding === 'identity' ? name : name.slice(0, -ending.length)}`;
    const contentType = contentTypes[extname(path)];
    if (contentType === undefined) continue;
    const file = files.get(path) ?? {
      contentType,
      caching: cachingOf(path),
      policy: policyOf(path),
      etag: '',
      bodies: new Map(),
    };
    const body = await readFile(join(folder, name));
    if (encoding === 'identity') file.etag = createHash('sha256').update(body).digest('base64url').slice(0, 22);
    file.bodies.set(encoding, body);
    files.set(path, file);
  }
  return files;
}

function send(
  { bodies, contentType, caching, policy, etag }: File,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const encoding = encodingFor(request.headers['accept-encoding'], bodies);
  const body = bodies.get(encoding) ?? Buffer.alloc(0);
  const headers = {
    ...pageHeaders,
    'content-security-policy': policy,
    'cache-control': caching,
    vary: 'Accept-Encoding',
    etag: `"${etag}-${encoding}"`,
  };
  if (request.headers['if-none-match'] === headers.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const encoded = encoding === 'identity' ? {} : { 'content-encoding': encoding };
  response.writeHead(200, { ...headers, ...encoded, 'content-type': contentType, 'content-length': body.length });
  response.end(body);
}

/** The smallest that the client takes; what it explicitly refuses (`q=0`) it does not get. */
function encodingFor(accepted: string | undefined, bodies: ReadonlyMap<Encoding, Buffer>): Encoding {
  const takes = (encoding: Encoding): boolean =>
    new RegExp(`(^|,)\\s*${encoding}\\s*(;\\s*q=(0?\\.\\d*[1-9]|1)|,|$)`).test(accepted ?? '');
  return (['br', 'gzip'] as const).find((encoding) => bodies.has(encoding) && takes(encoding)) ?? 'identity';
}
