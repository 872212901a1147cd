// One command of each type, with the event that it is answered by. Who does commands and has no row here fails in cloud-events.test.ts.
import type { Command } from './events.ts';
import type { World } from './people.ts';

/** `data` with what it names in `<…>`, as in people.ts. */
export type CommandRow = readonly [type: string, to: string, data: string, replyType: string];
export const commandRows: readonly CommandRow[] = [
  ['deposit.requested', 'deposit', '{"account_id":<account>,"amount":5}', 'transaction.completed'],
  ['withdrawal.requested', 'withdraw', '{"account_id":<account>,"amount":5}', 'transaction.completed'],
  [
    'transfer.requested',
    'transfer',
    `{"account_id":<account>,"amount":5,"target_account_id":<bob's account>}`,
    'transaction.completed',
  ],
  [
    'transaction.requested',
    'post-transaction',
    '{"account_id":<account>,"amount":0.05,"type":"withdrawal"}',
    'transaction.completed',
  ],
  [
    'reversal.requested',
    'reverse-transaction',
    '{"id":<new transaction>,"reason":"Booked twice"}',
    'transaction.completed',
  ],
  [
    'account.opening.requested',
    'open-account',
    '{"user_id":<alice>,"account_type":"savings","balance":12.5}',
    'account.opened',
  ],
  ['account.closing.requested', 'close-account', '{"id":<new empty account>}', 'account.closed'],
  [
    'user.registration.requested',
    'register-user',
    '{"name":"<new name>","email":"<new email>","password":"four unrelated words do"}',
    'user.registered',
  ],
  ['user.removal.requested', 'remove-user', '{"id":<new user>}', 'user.removed'],
];

/** One that a teller gives, with everything made that its data names. */
export async function commandOf(world: World, [type, to, data]: CommandRow): Promise<Command & { id: string }> {
  const { token } = world.bank.teller;
  return {
    type: `com.microbank.${type}`,
    to,
    data: JSON.parse(await world.fill(data)) as unknown,
    id: crypto.randomUUID(),
    token,
  };
}
