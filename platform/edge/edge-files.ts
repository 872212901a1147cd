// All files of the edge's nginx, by name.
import type { Contract } from '../../functions/shared/contract/function.ts';
import { writtenBy } from './nginx-text.ts';
import { renderAnswers, renderProblem } from './render-answers.ts';
import { renderCaching, renderFiles } from './render-files.ts';
import { renderFunctions, renderToFunction } from './render-functions.ts';
import { renderKourier } from './render-kourier.ts';
import { renderHttp, renderMain, renderTls } from './render-main.ts';
import { renderDocuments, renderRoutes } from './render-routes.ts';
import { edgePaths } from './routes.ts';
import type { EdgeSettings } from './settings.ts';

/** For the folder `nginx`, which is the ConfigMap `edge-config` on a cluster. */
export function renderNginx(contracts: readonly Contract[], settings: EdgeSettings): Map<string, string> {
  const paths = edgePaths(contracts);
  return new Map([
    ['nginx.conf', renderMain(settings)],
    ['kourier.conf', renderKourier(settings)],
    ['http.conf', renderHttp(settings)],
    ['routes.conf', `${writtenBy}\n${renderRoutes(paths)}\n${renderDocuments(paths)}\n${renderCaching()}`],
    ['tls.conf', renderTls()],
    ['server.conf', renderServer()],
    ['answers.conf', `${writtenBy}\n${renderAnswers(settings)}`],
    ['files.conf', `${writtenBy}\n${renderFiles(settings)}`],
    ['functions.conf', `${writtenBy}\n${renderFunctions(settings)}`],
    ['problem.conf', `${writtenBy}\n${renderProblem()}`],
    ['to-function.conf', `${writtenBy}\n${renderToFunction(settings)}`],
  ]);
}

function renderServer(): string {
  return `${writtenBy}
# What is not sent to a function is thrown away as it comes.
client_max_body_size 0;

# Every request is sent on by what routes.conf makes of it; no path from outside can name one of the places.
location / {
  rewrite ^ /-edge/$place last;
}
include answers.conf;
include files.conf;
include functions.conf;
`;
}

export type ImageParts = {
  /** Modules that the image's nginx has as files; none when they are built in. */
  modules: readonly string[];
  /** Of what was compressed when the pages were built, what it can serve. */
  precompressed: readonly ('gzip' | 'brotli')[];
  /** From nginx 1.25.1 on, a directive of its own. */
  hasHttp2Directive: boolean;
};

/** For the folder `image`: what depends on how the image's nginx was built. */
export function renderImage({ modules, precompressed, hasHttp2Directive }: ImageParts, httpsPort: number) {
  return new Map([
    ['modules.conf', `${writtenBy}\n${modules.map((file) => `load_module ${file};\n`).join('')}`],
    ['http.conf', `${writtenBy}\n${precompressed.map((name) => `${name}_static on;\n`).join('')}`],
    [
      'listen-tls.conf',
      `${writtenBy}\n${hasHttp2Directive ? `listen ${httpsPort} ssl;\nhttp2 on;\n` : `listen ${httpsPort} ssl http2;\n`}`,
    ],
  ]);
}

const debianModules = '/usr/lib/nginx/modules';

/** Built in for nginx's own images; Debian 12 has nginx 1.22, with modules as packages. */
export const images: Readonly<Record<string, ImageParts>> = {
  official: { modules: [], precompressed: ['gzip'], hasHttp2Directive: true },
  'debian-12': {
    modules: [`${debianModules}/ngx_stream_module.so`, `${debianModules}/ngx_http_brotli_static_module.so`],
    precompressed: ['gzip', 'brotli'],
    hasHttp2Directive: false,
  },
};
