// Log lines for people at a terminal. Everything else gets the JSON as it is: log.ts.
// Forty lines rather than pino-pretty and the twelve packages it stands on, which the bundle of an image would have to be kept free of.
import { stripVTControlCharacters, styleText } from 'node:util';

type Line = { level?: string; time?: string; msg?: string; err?: Failure } & Record<string, unknown>;
type Failure = { type?: string; message?: string; stack?: string; cause?: Failure };

type Colour = Parameters<typeof styleText>[0];
const colours: Record<string, Colour> = {
  fatal: ['bold', 'red'],
  error: 'red',
  warn: 'yellow',
  info: 'green',
  debug: 'blue',
  trace: 'gray',
};

/** Somewhere to write pino's lines to, each as a person reads it: time of day, level, what happened, then the values. */
export function readableTo(out: { write: (text: string) => unknown }): { write: (line: string) => void } {
  return { write: (line) => void out.write(toReadable(line)) };
}

/** `line` is one of pino's; what is no JSON stays as it is. */
function toReadable(line: string): string {
  let read: Line;
  try {
    read = JSON.parse(line) as Line;
  } catch {
    return line;
  }
  const { level = '', time = '', msg = '', err, ...values } = read;
  const colour = (Object.hasOwn(colours, level) && colours[level]) || 'gray';
  const said = Object.entries(values).map(([name, value]) => `${styleText('gray', `${name}=`)}${written(value)}`);
  const first = [styleText('gray', time.slice(11, 23)), styleText(colour, level.toUpperCase().padEnd(5)), msg, ...said];
  return `${first.join(' ')}\n${err ? failure(err) : ''}`;
}

/** Some values are of strangers' making, and a terminal obeys control characters. */
function written(value: unknown): string {
  const text = typeof value === 'string' ? stripVTControlCharacters(value) : JSON.stringify(value);
  return /^[^\s"=\p{C}]+$/u.test(text) || typeof value !== 'string' ? text : JSON.stringify(text);
}

function failure({ type = 'Error', message = '', stack, cause }: Failure): string {
  const lines = stripVTControlCharacters(stack ?? `${type}: ${message}`)
    .split('\n')
    .map((line) => `    ${line.trim()}\n`);
  return lines.join('') + (cause ? `    because of\n${failure(cause)}` : '');
}
