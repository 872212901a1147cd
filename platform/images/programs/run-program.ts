// How a program of the image runs: reads its variables, does its work once, says in a line what came of it.
import type * as z from 'zod';
import { awaitServers } from './await-servers.ts';

/** Ends the process with 0 after printing what `work` answers, or with 1 after printing every reason why not. */
export async function runProgram<T extends object>(
  variables: z.ZodType<T>,
  work: (read: T) => Promise<string>,
): Promise<never> {
  try {
    const read = readVariables(variables);
    await awaitServers(Object.values(read));
    console.log(await work(read));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
  process.exit(0);
}

/** Empty values are read as absent. @throws Error that names everything missing or wrong, and quotes none of it. */
function readVariables<T>(variables: z.ZodType<T>): T {
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return given[name] === undefined ? `${name} is missing` : `${name}: ${message}`;
  });
  throw new Error(problems.join('\n'));
}
