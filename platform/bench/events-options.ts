// What `npm run bench:events` can be told.
import * as z from 'zod';
import { readOptions, wholeOption, numberOption, type OptionsOf } from '../traffic/read-options.ts';

const table = {
  events: {
    schema: wholeOption({ min: 10, max: 1_000_000, preset: 3_000 }),
    help: 'events in each cell of each round',
  },
  rounds: { schema: wholeOption({ min: 1, max: 100, preset: 5 }), help: 'rounds; medians over them are shown' },
  concurrency: { schema: concurrencyOption(), help: 'numbers of events under way at once, e.g. 1,20' },
  rate: { schema: wholeOption({ min: 1, max: 500, preset: 50 }), help: 'events per second while latency is measured' },
  seconds: { schema: numberOption({ min: 1, max: 600, preset: 10 }), help: 'how long, in each of three rounds' },
} as const;

export type EventsOptions = OptionsOf<typeof table>;

export function readEventsOptions(args: readonly string[]): EventsOptions {
  return readOptions(args, {
    name: 'bench:events',
    purpose:
      'Measures events from outbox to consumer beside plain amqplib on one RabbitMQ, and commit to notification.',
    table,
  });
}

function concurrencyOption(): z.ZodType<number[]> {
  return z
    .string()
    .regex(/^[1-9]\d{0,2}(,[1-9]\d{0,2})*$/, 'has to be numbers from 1 to 999, separated by commas')
    .default('1,20')
    .transform((text) => text.split(',').map(Number));
}
