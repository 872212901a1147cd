// A program that can be killed: what it waits for is never answered then.
export type Process = {
  name: string;
  alive: boolean;
  /** Called when it is killed. */
  onKilled: Set<() => unknown>;
};

export const createProcess = (name: string): Process => ({ name, alive: true, onKilled: new Set() });
