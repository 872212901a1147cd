// What `npm run bench` can be told.
import * as z from 'zod';
import { readOptions, wholeOption, numberOption, type OptionsOf } from '../traffic/read-options.ts';

const table = {
  seconds: {
    schema: numberOption({ min: 0.5, max: 600, preset: 5 }),
    help: 'how long each cell of each round is measured',
  },
  rounds: { schema: wholeOption({ min: 1, max: 100, preset: 3 }), help: 'rounds; medians over them are shown' },
  clients: { schema: clientsOption(), help: 'numbers of clients, e.g. 1,8,32' },
  accounts: {
    schema: wholeOption({ min: 2, max: 100_000, preset: 1_000 }),
    help: 'accounts that the money moves among',
  },
  // pgbench asks for at least as many branches as clients; 50 is 750 MB.
  scale: { schema: wholeOption({ min: 1, max: 1_000, preset: 50 }), help: "pgbench's scale factor" },
  profile: { schema: z.string().optional(), help: "folder for CPU profiles of the bank's process" },
} as const;

export type BenchOptions = OptionsOf<typeof table>;

export function readBenchOptions(args: readonly string[]): BenchOptions {
  return readOptions(args, {
    name: 'bench',
    purpose: "Measures the whole bank over HTTP beside pgbench's tpcb-like, on one PostgreSQL in one run.",
    table,
  });
}

function clientsOption(): z.ZodType<number[]> {
  const message = 'has to be numbers from 1 to 64, separated by commas';
  return z
    .string()
    .regex(/^\d+(,\d+)*$/, message)
    .default('1,32')
    .transform((text) => text.split(',').map(Number))
    .refine((counts) => counts.every((count) => count >= 1 && count <= 64), message);
}
