// Reads a program's command line: options that all take a value, each checked, with a help text made from the same table.
import { parseArgs } from 'node:util';
import * as z from 'zod';

export type OptionTable = Record<string, { schema: z.ZodType; help: string }>;
export type OptionsOf<T extends OptionTable> = { [K in keyof T]: z.output<T[K]['schema']> };

/** The help was asked for, or the command line is wrong: `text` is what to print before ending with `exitCode`. */
export class ReadInstead extends Error {
  readonly exitCode: 0 | 2;
  constructor(text: string, exitCode: 0 | 2) {
    super(text);
    this.exitCode = exitCode;
  }
}

/** @throws ReadInstead with the help for `--help`, or with one line that names the first option that is wrong. */
export function readOptions<const T extends OptionTable>(
  args: readonly string[],
  { name, purpose, table }: { name: string; purpose: string; table: T },
): OptionsOf<T> {
  const wrong = (what: string): ReadInstead => new ReadInstead(`${name}: ${what} (--help shows all options)`, 2);
  const options = Object.fromEntries(Object.keys(table).map((key) => [key, { type: 'string' }] as const));
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({ args: [...args], options: { ...options, help: { type: 'boolean', short: 'h' } } }));
  } catch (error) {
    // Node explains in several sentences; the first names the option.
    throw wrong((error as Error).message.split(/\. (?=To )/)[0] ?? '');
  }
  if (values['help'] === true) throw new ReadInstead(helpText(name, purpose, table), 0);

  const read: Record<string, unknown> = {};
  for (const [key, { schema }] of Object.entries(table)) {
    const parsed = schema.safeParse(values[key]);
    if (!parsed.success) throw wrong(`--${key} ${parsed.error.issues[0]?.message ?? 'is wrong'}`);
    read[key] = parsed.data;
  }
  return read as OptionsOf<T>;
}

type Limits = { min: number; max: number; preset: number };

/** A number on a command line; text that is no number, and numbers outside the limits, are named with the limits. */
export function numberOption(limits: Limits): z.ZodType<number> {
  return numeric(/^\d+(\.\d+)?$/, 'a number', limits);
}

export function wholeOption(limits: Limits): z.ZodType<number> {
  return numeric(/^\d+$/, 'a whole number', limits);
}

function numeric(pattern: RegExp, what: string, { min, max, preset }: Limits): z.ZodType<number> {
  const message = `has to be ${what} from ${min} to ${max}`;
  const text = z.string().regex(pattern, message).transform(Number);
  return text.pipe(z.number().min(min, message).max(max, message)).default(preset);
}

function helpText(name: string, purpose: string, table: OptionTable): string {
  const lines = Object.entries(table).map(([key, { schema, help }]) => {
    const preset: unknown = schema.safeParse(undefined).data;
    const shown = preset === undefined ? '' : ` (${JSON.stringify(preset).replace(/["[\]]/g, '')})`;
    return `  --${key.padEnd(14)} ${help}${shown}`;
  });
  return [purpose, '', `Usage: npm run ${name} -- [options]`, '', ...lines].join('\n');
}
