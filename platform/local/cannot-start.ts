// A reason not to start that the reader can act on; it is printed as one line, without a stack.
export class CannotStart extends Error {}

/** One clear line for the errors that a wrong folder gives; anything else comes back as it is. */
export function explainFolderError(error: unknown, folder: string): unknown {
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new CannotStart(`no permission to write the data folder ${folder}; set MICROBANK_DATA to another one`, {
      cause: error,
    });
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new CannotStart(`${folder} is not a folder; set MICROBANK_DATA to another one`, { cause: error });
  }
  if (code === 'ENOSPC') return new CannotStart(`no space left for the data folder ${folder}`, { cause: error });
  return error;
}

/** The system's name of an error, e.g. `EADDRINUSE`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
