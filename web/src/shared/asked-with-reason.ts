// What is asked before an act that others have to understand later: see ActWithReason.svelte.
import type { Snippet } from 'svelte';
import type { CallOnce } from '../app/commands/call-once.ts';

export type AskedWithReason = {
  /** Of the button, and of the one that does it. */
  text: string;
  title: string;
  lead?: string;
  /** Who will read the reason. */
  hint?: string;
  kind?: 'secondary' | 'danger';
  reasonLengthMax?: number;
  /** Further fields: whether to show what is wrong with them, and what the bank said of each. */
  children?: Snippet<[boolean, Readonly<Record<string, string>>]>;
  /** False while one of those is not as it should be. */
  isReady?: boolean;
  /** `callOnce` is the dialog's: pressed again after a lost answer, the bank answers as it did. */
  send: (reason: string, callOnce: CallOnce) => Promise<void>;
};
