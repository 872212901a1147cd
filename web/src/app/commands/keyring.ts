// Keys for a form whose command is not written down as those on the shelf are, such as one with a password: they last as long as the form.
import { Problem } from '../problem.ts';

export type Keyring = <T>(text: string, send: (key: string) => Promise<T>) => Promise<T>;

/**
 * Sends each text under its key, the same one whenever that text comes again until its outcome is known: what was typed, changed and typed
 * back is the same request still, and the bank may have it. The texts stay in memory, where the form's own fields are.
 */
export function createKeyring(newKey: () => string): Keyring {
  const keys = new Map<string, string>();
  return async (text, send) => {
    const key = keys.get(text) ?? newKey();
    keys.set(text, key);
    try {
      const answer = await send(key);
      keys.delete(text);
      return answer;
    } catch (error) {
      // The bank has said no: the same again is another request, which may go well by then.
      if (error instanceof Problem && !error.isPassing) keys.delete(text);
      throw error;
    }
  };
}
