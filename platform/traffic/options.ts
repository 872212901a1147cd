// What `npm run traffic` can be told.
import { join } from 'node:path';
import * as z from 'zod';
import { readSettings } from '../local/settings.ts';
import { numberOption, ReadInstead, readOptions, wholeOption, type OptionsOf } from './read-options.ts';

const table = {
  url: { schema: urlOption('http://127.0.0.1:8080'), help: 'where the bank serves; the API is under /api' },
  rate: {
    schema: numberOption({ min: 0.1, max: 2_000, preset: 20 }),
    help: 'requests per second, however slowly they are answered',
  },
  seconds: {
    schema: numberOption({ min: 1, max: 86_400, preset: 60 }),
    help: 'for how long; Ctrl-C ends it earlier, with the summary',
  },
  users: {
    schema: wholeOption({ min: 2, max: 200, preset: 10 }),
    help: 'customers to register, each with two accounts',
  },
  'teller-file': {
    schema: z.string().optional(),
    help: "file with the teller's email and password (teller.json in the data folder)",
  },
  email: { schema: z.string().optional(), help: "the teller's email, instead of the file" },
  password: { schema: z.string().optional(), help: "the teller's password, instead of the file" },
} as const;

export type TrafficOptions = Omit<OptionsOf<typeof table>, 'teller-file'> & { tellerFile: string };

/** @throws ReadInstead for `--help` and for what is wrong. */
export function readTrafficOptions(
  args: readonly string[],
  environment: Record<string, string | undefined>,
): TrafficOptions {
  const { 'teller-file': tellerFile, ...options } = readOptions(args, {
    name: 'traffic',
    purpose: 'Puts traffic on a running bank, then checks its books. Ends with 1 if they do not balance.',
    table,
  });
  if ((options.email === undefined) !== (options.password === undefined)) {
    throw new ReadInstead('traffic: --email and --password go together (--help shows all options)', 2);
  }
  return { ...options, tellerFile: tellerFile ?? join(readSettings(environment).dataFolder, 'teller.json') };
}

function urlOption(preset: string): z.ZodType<string> {
  const schema = z.url({ protocol: /^https?$/, error: 'has to be an http:// or https:// address' });
  return schema.transform((url) => url.replace(/\/(api\/?)?$/, '')).default(preset);
}
