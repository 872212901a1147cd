// Asks again for a moment where nobody takes the connection. On a cluster whose policies are enforced a copy that has just started is
// refused for its first second, because those that enforce them at the other end have not heard of it yet.
import { setTimeout as sleep } from 'node:timers/promises';

const refusedMs = 3_000;
const pauseMs = 100;

/** A refused connection has carried nothing, so whatever it was for may be tried again. Every other error passes through. */
export async function whileRefused<T>(connectAndWork: () => Promise<T>, withinMs: number = refusedMs): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await connectAndWork();
    } catch (error) {
      if (!isRefused(error) || performance.now() + pauseMs > deadline) throw error;
      await sleep(pauseMs);
    }
  }
}

/** By the one address of a name or by all; fetch has it as the cause. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return true;
  return error.cause instanceof Error && isRefused(error.cause);
}
