// A complete and right command for every POST with a body, for tests to spoil.
import type { World } from './people.ts';

export type Post = { route: string; path: string; command: Record<string, unknown> };

/** As a browser sends it; nobody asked for it. */
export const madePasskey = {
  id: 'AAAA',
  rawId: 'AAAA',
  type: 'public-key',
  clientExtensionResults: {},
  response: { clientDataJSON: 'e30', attestationObject: 'oA' },
};

/** The same, of one that was used. */
export const usedPasskey = {
  ...madePasskey,
  response: { clientDataJSON: 'e30', authenticatorData: 'AAAA', signature: 'AAAA', userHandle: 'AAAA' },
};

/** Every field there is has a value, so that each can be spoilt. As a teller sends them. */
export async function postsOf({ fill }: World): Promise<Post[]> {
  const someMoment = '2026-01-01T00:00:00Z';
  const words = `"description":"Rent","effective_at":"${someMoment}"`;
  const account = '"account_id":<account>,"amount":5';
  const lines = [
    'POST /users {"name":"Bad Input","email":"bad@example.com","phone":"123 456","password":"four unrelated words do","role":"customer"}',
    'POST /sessions {"email":"alice@example.com","password":"four unrelated words do"}',
    'POST /web-sessions {"email":"alice@example.com","password":"four unrelated words do"}',
    `POST /sessions/renewal {"session_id":"<new session>","renewal_secret":"0.secret"}`,
    'POST /web-sessions/current/renewal {"is_active":true}',
    'POST /command-authorities {"type":"com.microbank.deposit.requested","source":"/s","id":"1","data":{}}',
    'POST /users/<alice>/password {"current_password":"four unrelated words do","new_password":"five other words are better"}',
    'POST /users/<alice>/password-reset {"remove_passkeys":false}',
    'POST /password-resets {"email":"alice@example.com","code":"0000-0000-0000","new_password":"five other words are better"}',
    'POST /users/<alice>/profile {"name":"Alice","email":"alice@example.com","phone":"123 456","password":"four unrelated words do"}',
    'POST /passkeys/options {"password":"four unrelated words do"}',
    `POST /web-sessions/passkey {"response":${JSON.stringify(usedPasskey)}}`,
    `POST /passkeys {"name":"Phone","response":${JSON.stringify(madePasskey)}}`,
    'POST /users/<alice>/role {"role":"customer","reason":"Asked for"}',
    'POST /accounts {"user_id":<alice>,"account_type":"checking","balance":5,"currency":"USD","overdraft_limit":5}',
    `POST /deposits {${account},${words}}`,
    `POST /withdrawals {${account},${words}}`,
    `POST /transfers {${account},"target_account_id":<bob's account>,${words}}`,
    `POST /transactions {${account},"type":"transfer","target_account_id":<bob's account>,${words}}`,
    'POST /notifications/read {"up_to_id":1}',
    'POST /transactions/<new transaction>/reversal {"reason":"Booked twice"}',
    'POST /accounts/<account>/freeze {"reason":"Card stolen"}',
    'POST /accounts/<account>/unfreeze {"reason":"Card found"}',
    'POST /accounts/<account>/overdraft-limit {"overdraft_limit":5,"reason":"Salary comes in"}',
    'POST /operations/dead-letters/<new dead letter>/discard {"reason":"Made by a test"}',
  ];
  return Promise.all(
    lines.map(async (line) => {
      const filled = await fill(line);
      // By now the account is open, and no value date is from before.
      const valued = filled.replace(someMoment, new Date().toISOString().replace('Z', '999Z'));
      const [, path = '', command = ''] = /^POST (\S+) (.*)$/.exec(valued) ?? [];
      return {
        route: `POST ${path.replace(/\d+/, '{id}')}`,
        path,
        command: JSON.parse(command) as Record<string, unknown>,
      };
    }),
  );
}
