// What `npm run dev` lets out: sources of the pages, the contracts they import, and packages. Vite keeps a list of the same
// (web/vite.config.ts), but understands many spellings of a path, and now and then one of them was found to get past its list. So a
// request gets as far as Vite only when it reads as one of these files.
import { realpath } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';

/** A page is the same for every path: the application looks at the path itself. */
export type Asked = 'page' | 'file' | 'nothing';

/** Tells what a path without its query asks for. */
export async function guardFiles(checkout: string): Promise<(path: string) => Promise<Asked>> {
  const packages = join(checkout, 'node_modules');
  // Links are followed, so a node_modules that is one is known by both of its names.
  const isServed = servedBelow(await realpath(checkout), [checkout, packages, await realpath(packages)]);

  return async (path) => {
    if (path === '/@vite/client') return 'file';
    const plain = decode(path);
    if (plain === undefined) return 'nothing';
    if (plain === '/index.html' || (extname(plain) === '' && !plain.startsWith('/@'))) return 'page';
    for (const file of filesOf(plain, checkout)) {
      const real = isServed(file) ? await realpath(file).catch(() => bundled(file, packages)) : undefined;
      if (real !== undefined && isServed(real)) return 'file';
    }
    return 'nothing';
  };
}

function filesOf(plain: string, checkout: string): string[] {
  if (plain.startsWith('/@fs/')) return [plain.slice(4)];
  if (plain.startsWith('/node_modules/')) return [join(checkout, plain)];
  return [join(checkout, 'web', plain), join(checkout, 'web/public', plain)];
}

/** A bundled package may not be there yet: Vite makes it while the browser waits. */
function bundled(file: string, packages: string): string | undefined {
  return file.startsWith(join(packages, '.vite/')) ? file : undefined;
}

/** Undefined for what no page asks for: names that begin with a dot but Vite's own, doubled slashes, and whatever decodes to more code. */
function decode(path: string): string | undefined {
  try {
    const plain = decodeURIComponent(path);
    return /[\\%#?\0]|\/(\/|\.\.?(\/|$))/.test(plain) ? undefined : plain;
  } catch {
    return undefined;
  }
}

// One list: below the checkout by its real name too.
function servedBelow(realCheckout: string, [checkout = '', ...packages]: readonly string[]): (file: string) => boolean {
  const sources = /^(web\/(src|public)\/|functions\/(shared\/contract\/|[\w-]+\/contract\.ts$))/;
  return (file) => {
    const isSource = [checkout, realCheckout].some((folder) => isVisible(folder, file, sources));
    return isSource || packages.some((folder) => isVisible(folder, file, /^/));
  };
}

/** Dots in the path of the checkout itself are its owner's affair. */
function isVisible(folder: string, file: string, allowed: RegExp): boolean {
  const below = relative(folder, file);
  const isHidden = below.split('/').some((name) => name.startsWith('.') && name !== '.vite');
  return !isHidden && allowed.test(below);
}
