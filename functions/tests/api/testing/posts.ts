// A complete and right command for every POST with a body, for tests to spoil.
import type { World } from './people.ts';

export type Post = { route: string; path: string; command: Record<string, unknown> };

/** Every field there is has a value, so that each can be spoilt. As a teller sends them. */
export async function postsOf({ fill }: World): Promise<Post[]> {
  const words = '"description":"Rent","effective_at":"2026-01-01T00:00:00Z"';
  const account = '"account_id":<account>,"amount":5';
  const lines = [
    'POST /users {"name":"Bad Input","email":"bad@example.com","phone":"123 456","password":"four unrelated words do","role":"customer"}',
    'POST /sessions {"email":"alice@example.com","password":"four unrelated words do"}',
    'POST /web-sessions {"email":"alice@example.com","password":"four unrelated words do"}',
    'POST /accounts {"user_id":<alice>,"account_type":"checking","balance":5,"currency":"USD","overdraft_limit":5}',
    `POST /deposits {${account},${words}}`,
    `POST /withdrawals {${account},${words}}`,
    `POST /transfers {${account},"target_account_id":<bob's account>,${words}}`,
    `POST /transactions {${account},"type":"transfer","target_account_id":<bob's account>,${words}}`,
    'POST /notifications/read {"up_to_id":1}',
    'POST /transactions/<new transaction>/reversal {"reason":"Booked twice"}',
  ];
  return Promise.all(
    lines.map(async (line) => {
      const [, path = '', command = ''] = /^POST (\S+) (.*)$/.exec(await fill(line)) ?? [];
      return {
        route: `POST ${path.replace(/\d+/, '{id}')}`,
        path,
        command: JSON.parse(command) as Record<string, unknown>,
      };
    }),
  );
}
