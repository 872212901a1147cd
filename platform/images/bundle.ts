// Bundles the functions' image: node platform/images/bundle.ts FOLDER. All programs in one build, so that they share their parts.
// Neither minified nor mapped: with a compile cache it starts no faster (134 against 147 ms of CPU), and a stack is read as it stands.
import { cp, glob, mkdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { build, type Rolldown } from 'vite';
import { forImage } from './for-image.ts';
import { programs } from './programs.ts';

const checkout = resolve(import.meta.dirname, '../..');

/** Every file that came of it, and of which modules; `folder` is emptied first. */
export async function bundle(folder: string): Promise<Rolldown.OutputChunk[]> {
  const input = Object.fromEntries(Object.entries(programs).map(([name, file]) => [name, join(checkout, file)]));
  const { output } = (await build({
    configFile: false,
    root: checkout,
    publicDir: false,
    logLevel: 'warn',
    plugins: [forImage(checkout)],
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
  await copyData(folder);
  return output.filter((file) => file.type === 'chunk');
}

/** What programs read as files, where the image's MIGRATIONS_FOLDER and TRIGGERS_FOLDER say. */
async function copyData(folder: string): Promise<void> {
  // Without it Node would first read each file as CommonJS, which costs 10 ms of CPU at each start.
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  const migrations = 'functions/shared/database/migrations';
  await cp(join(checkout, migrations), join(folder, 'migrations'), { recursive: true });
  await mkdir(join(folder, 'triggers'));
  for await (const file of glob('eventing/triggers/*.yaml', { cwd: checkout })) {
    if (basename(file) !== 'kustomization.yaml')
      await cp(join(checkout, file), join(folder, 'triggers', basename(file)));
  }
}

if (process.argv[1] === import.meta.filename) {
  const [, , folder] = process.argv;
  if (folder === undefined) throw new Error('say where to: node platform/images/bundle.ts FOLDER');
  const chunks = await bundle(resolve(folder));
  const bytes = chunks.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0);
  console.log(`${chunks.length} files, ${(bytes / 1e6).toFixed(1)} MB in ${folder}`);
}
