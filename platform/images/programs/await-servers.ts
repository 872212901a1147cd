// A pod has no network in its first second where network policies are enforced: who enforces them has not seen it yet.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than that takes on a busy cluster, and than a database takes that is just being restarted. */
const patienceMs = 30_000;
const pauseMs = 250;

/**
 * Waits until each PostgreSQL among the values takes connections. One that does not in time is left to the program, which says
 * what is wrong with it.
 */
export async function awaitServers(values: readonly unknown[], waitMs: number = patienceMs): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (const { hostname, port } of values.flatMap(addressOf)) {
    while (!(await takesConnections(hostname, Number(port || 5432))) && performance.now() < deadline)
      await sleep(pauseMs);
  }
}

function addressOf(value: unknown): URL[] {
  return typeof value === 'string' && /^postgres(ql)?:/.test(value) && URL.canParse(value) ? [new URL(value)] : [];
}

async function takesConnections(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const end = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket
      .on('connect', () => end(true))
      .on('error', () => end(false))
      .on('timeout', () => end(false));
  });
}
