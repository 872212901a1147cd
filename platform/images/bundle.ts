// Bundles an image's programs: node platform/images/bundle.ts FOLDER [IMAGE]. All of one image in one build, so that they share their parts.
// Neither minified nor mapped: with a compile cache it starts no faster (134 against 147 ms of CPU), and a stack is read as it stands.
import { cp, glob, mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { build, type Rolldown } from 'vite';
import { forImage } from './for-image.ts';
import { functionsOf, programsOf } from './programs.ts';

const checkout = resolve(import.meta.dirname, '../..');

/**
 * Every file that came of it, and of which modules; `folder` is emptied first. Without an `image` it is all there is; with one, only what
 * that image runs, so that nothing but a change of its own parts changes it.
 */
export async function bundle(folder: string, image?: string): Promise<Rolldown.OutputChunk[]> {
  const input = Object.fromEntries(
    Object.entries(programsOf(image)).map(([name, file]) => [name, join(checkout, file)]),
  );
  const { output } = (await build({
    configFile: false,
    root: checkout,
    publicDir: false,
    logLevel: 'warn',
    plugins: [forImage(checkout, await functionsOf(image))],
    // A part's comments name its files from the checkout on, also where node_modules is a link: the same on every machine.
    resolve: { preserveSymlinks: true },
    // What pg and debug ask for, and do without when it is not there; the second is, for a tool of ours.
    ssr: { noExternal: true, external: ['pg-native', 'supports-color'] },
    build: {
      ssr: true,
      target: 'node24',
      minify: false,
      outDir: folder,
      emptyOutDir: true,
      rolldownOptions: {
        input,
        // Logs and the retry of faults go by the names of error classes.
        output: { keepNames: true, entryFileNames: '[name].js', chunkFileNames: 'parts/[name]-[hash].js' },
      },
    },
  })) as Rolldown.RolldownOutput;
  const chunks = output.filter((file) => file.type === 'chunk');
  await copyData(folder, new Set(chunks.flatMap(({ moduleIds }) => moduleIds)));
  return chunks;
}

/** Who reads which folder. */
const readers = { migrations: 'platform/images/programs/migrate.ts', triggers: 'eventing/outbox/consumers.ts' };

/** What programs read as files, where the image's MIGRATIONS_FOLDER and TRIGGERS_FOLDER say. */
async function copyData(folder: string, modules: ReadonlySet<string>): Promise<void> {
  // Without it Node would first read each file as CommonJS, which costs 10 ms of CPU at each start.
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  if (modules.has(join(checkout, readers.migrations))) {
    await cp(join(checkout, 'functions/shared/database/migrations'), join(folder, 'migrations'), { recursive: true });
  }
  if (!modules.has(join(checkout, readers.triggers))) return;
  await mkdir(join(folder, 'triggers'));
  for await (const file of glob('eventing/triggers/*.yaml', { cwd: checkout })) {
    if (basename(file) !== 'kustomization.yaml')
      await cp(join(checkout, file), join(folder, 'triggers', basename(file)));
  }
}

if (process.argv[1] === import.meta.filename) {
  const [, , folder, image] = process.argv;
  if (folder === undefined) throw new Error('say where to: node platform/images/bundle.ts FOLDER [IMAGE]');
  // An argument of a Dockerfile that nobody gave is an empty text.
  const chunks = await bundle(resolve(folder), image === '' ? undefined : image);
  const bytes = chunks.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0);
  console.log(`${chunks.length} files, ${(bytes / 1e6).toFixed(1)} MB in ${folder}`);
}
