// The programs of the images: their names there, and the files that they are made of. A laptop and kind run everything from one image;
// what is published is an image for each function, and one for the Jobs.
import { functionNames } from '../../functions/shared/process/function-modules.ts';

/** The image of the Jobs; each other that is published has the name of its function. */
export const jobsImage = 'jobs';
/** nginx with the pages: it has no program of ours. */
export const edgeImage = 'edge';

/** `main.js` is the one that runs a function; each other is run by a Job. */
const programs = {
  main: 'functions/shared/serving/main.ts',
  migrate: 'platform/images/programs/migrate.ts',
  'first-teller': 'platform/images/programs/first-teller.ts',
  backup: 'platform/backup/backup.ts',
  restore: 'platform/backup/restore.ts',
  keys: 'platform/images/programs/keys.ts',
  'warm-up': 'platform/images/programs/warm-up.ts',
} as const satisfies Record<string, string>;

/** Without a name: of the one image that has everything. */
export function programsOf(image?: string): Partial<typeof programs> {
  if (image === undefined) return programs;
  const { main, 'warm-up': warmUp, ...jobs } = programs;
  return { 'warm-up': warmUp, ...(image === jobsImage ? jobs : { main }) };
}

/** @throws when there is no such image. */
export async function functionsOf(image?: string): Promise<readonly string[]> {
  const all = await functionNames();
  if (image === undefined) return all;
  if (image === jobsImage) return [];
  if (!all.includes(image)) throw new Error(`there is no image ${image}; there are ${jobsImage}, ${all.join(', ')}`);
  return [image];
}
