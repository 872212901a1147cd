// git as these scripts use it: a folder, words, what it said.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export type Git = (...words: string[]) => Promise<string>;

export function gitIn(folder: string): Git {
  return async (...words) => {
    const { stdout } = await promisify(execFile)('git', words, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim();
  };
}

/** A commit is its own ancestor. */
export async function isAncestor(git: Git, older: string, newer: string): Promise<boolean> {
  return git('merge-base', '--is-ancestor', older, newer).then(
    () => true,
    () => false,
  );
}

/** A push that lost to another one. Anything else, such as a missing right, is no better at the next attempt. */
export function isOvertaken(error: unknown): boolean {
  const said = String((error as { stderr?: string }).stderr);
  return /non-fast-forward|fetch first|cannot lock ref|incorrect old value|failed to update ref|reference already exists/.test(
    said,
  );
}
