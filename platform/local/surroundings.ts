// What a part of the bank is given while it starts: how to show a step, how to be undone, whom to tell.
import type { Steps } from './steps.ts';

export type Surroundings = {
  steps: Steps;
  /** Gets what has to be undone, each as soon as it is there, so that a start which fails half-way leaves nothing running. */
  undo: AsyncDisposableStack;
  say: (line: string) => void;
  /** A part that the bank cannot go on without is gone. */
  onLost: (error: unknown) => void;
};
