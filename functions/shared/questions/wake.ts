// Wakes a function that a transaction will ask: from zero it may need longer to start than a transaction may wait for its answer.

/** As the environment has it. */
type Ask = (functionName: string, path: string) => Promise<Response>;

/** Should it not start in time, its answer will be missed where it counts. */
export async function wakeFunction(ask: Ask, functionName: string): Promise<void> {
  await ask(functionName, '/livez').then(
    ({ body }) => body?.cancel(),
    () => undefined,
  );
}
