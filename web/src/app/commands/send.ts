// Sends one kept command under its key. Loaded, with the contracts, when there is one to send.
import { call } from '../api.ts';
import { commandsContract } from './contracts.ts';
import type { PendingCommand } from './shelf.ts';

/** @throws what call() throws. */
export async function sendCommand({ route, command, key }: PendingCommand): Promise<unknown> {
  return await call(commandsContract, route, command as never, { idempotencyKey: key });
}
