// Calls whose outcome would be told wrongly when they are sent again as new ones: the password that was asked for is the old one by then.
import type { Contract } from '../../../../functions/shared/contract/function.ts';
import { call, type AnswerFrom, type CommandTo, type KeyOf, type RouteOf } from '../api.ts';
import { createKeyring } from './keyring.ts';
import { randomUuid } from './random-uuid.ts';

export type CallOnce = <C extends Contract, K extends KeyOf<C>>(
  contract: C,
  route: K,
  command: CommandTo<RouteOf<C, K>>,
) => Promise<AnswerFrom<RouteOf<C, K>>>;

/** For one form, and no longer: what was done and undone since may be asked for anew. */
export function createCallOnce(): CallOnce {
  const underKey = createKeyring(randomUuid);
  return (contract, route, command) =>
    underKey(JSON.stringify([route, command]), (idempotencyKey) => call(contract, route, command, { idempotencyKey }));
}
