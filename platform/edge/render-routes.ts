// routes.conf: from a request to the function that gets it and the location that handles it, as maps.
import { contentTypes, ownPages } from '../../web/build/page-headers.ts';
import { map, quote, quoteLiteral } from './nginx-text.ts';
import { prefix, type EdgeMethod, type EdgePath } from './routes.ts';

/** Paths are compared as they came: nginx's own `$uri` is decoded, and its slashes merged, which the router does not do. */
export function renderRoutes(paths: readonly EdgePath[]): string {
  return `# The path as it came, without its query string.
${map('$request_uri', '$path', [['"~^(?<path_alone>[^?]*)"', '$path_alone']])}
# The same without the prefix and with its query string: what a function sees.
${map('$request_uri', '$path_inside', [[quote(`~^${prefix}(?<after_prefix>/[^?]*(?:\\?.+)?)\\??$`), '$after_prefix']])}
# The method as it came: nginx calls it GET once it has gone to an error's location.
${map('$request', '$method', [['"~^(?<first_word>[A-Z_-]+) "', '$first_word']])}
# The first that fits: fixed segments come before parameters.
${map('$path', '$template', templateRows(paths))}
${map('"$method $template"', '$function', methodRows(paths, functionNameOf))}
# The location that handles the request.
${map('"$method $template"', '$place', placeRows(paths))}
# Whose sign-ins are counted; nobody's elsewhere.
${map('"$method $template"', '$sign_in_client', methodRows(paths, clientOfSignIn))}
${map('$template', '$allow', [...allowRows(paths), ['default', '"GET, HEAD, OPTIONS"']])}
${map('"$method $template"', '$instead', insteadRows(paths))}
# A file of the pages; "/-" is none. No hidden file, and nothing that leads out of the folder.
${map('$path', '$page_file', [pageFileRow(), ['default', '/-']])}
# The one page, for every path that names no file: in a script's place it would only be taken for a broken one.
${map('$path', '$page', [
  ...Object.entries(ownPages).map(([path, file]): Row => [quoteLiteral(path), file]),
  ['"~/\\.\\./*$"', '/index.html'],
  ['"~[^/]\\.[^./]*/*$"', '/-'],
  ['default', '/index.html'],
])}`;
}

type Row = [key: string, value: string];

function templateRows(paths: readonly EdgePath[]): Row[] {
  const rows = paths.map((path): Row => [quote(`~^${regexOf(path)}$`), quoteLiteral(path.template)]);
  return [...rows, ['"~^/healthz$"', 'health'], [`"~^${prefix}(/|$)"`, 'nothing'], ['default', 'page']];
}

/** With a slash at its end a path is the same, as the router has it; but a file's is not. */
function regexOf({ template, methods }: EdgePath): string {
  const isFile = ['document', 'event-keys'].includes(methods.get('GET')?.place ?? '');
  return template.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+') + (isFile ? '' : '/?');
}

function methodRows(paths: readonly EdgePath[], valueOf: (method: EdgeMethod) => string | undefined): Row[] {
  return paths.flatMap(({ template, methods }) =>
    [...methods].flatMap(([name, method]): Row[] => {
      const value = valueOf(method);
      return value === undefined ? [] : [[quoteLiteral(`${name} ${template}`), value]];
    }),
  );
}

function functionNameOf({ functionName }: EdgeMethod): string | undefined {
  return functionName;
}

function clientOfSignIn({ isSignIn }: EdgeMethod): string | undefined {
  return isSignIn ? '$binary_remote_addr' : undefined;
}

function placeRows(paths: readonly EdgePath[]): Row[] {
  return [
    ...methodRows(paths, ({ place }) => place),
    ['"GET page"', 'page'],
    ['"HEAD page"', 'page'],
    ['"~ health$"', 'health'],
    ['"~ nothing$"', 'nothing'],
    ['"~^OPTIONS "', 'options'],
    ['default', 'wrong-method'],
  ];
}

function allowRows(paths: readonly EdgePath[]): Row[] {
  return paths.map(({ template, allow }): Row => [quoteLiteral(template), quoteLiteral(allow.join(', '))]);
}

function insteadRows(paths: readonly EdgePath[]): Row[] {
  const rows = paths.flatMap(({ template, instead }) =>
    [...instead].map(([method, words]): Row => [quoteLiteral(`${method} ${template}`), quoteLiteral(inJson(words))]),
  );
  return [...rows, ['default', '"$method is not possible here, $allow are"']];
}

/** It is put between the quotes of a JSON text. */
function inJson(words: string): string {
  return JSON.stringify(words).slice(1, -1);
}

function pageFileRow(): Row {
  const endings = Object.keys(contentTypes).map((ending) => ending.slice(1));
  const name = '[A-Za-z0-9_-][A-Za-z0-9._-]*';
  return [quote(`~^(?:/${name})*/${name}\\.(?:${endings.join('|')})$`), '$path'];
}

/** Where each document of the edge lies, below the folder of its files. */
export function renderDocuments(paths: readonly EdgePath[]): string {
  const documents = paths.filter(({ methods }) => methods.get('GET')?.place === 'document');
  return map(
    '$template',
    '$document',
    documents.map(({ template }): Row => [quoteLiteral(template), `/documents${template.slice(prefix.length)}`]),
  );
}
