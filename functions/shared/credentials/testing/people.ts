// People with a password of their own and sessions, for tests of what they sign in with.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, expect } from 'vitest';
import type { AuditEntry } from '../../contract/audit.ts';
import type { User } from '../../contract/user.ts';
import { startBank, type Answer, type TestBank, type TestBankParts } from '../../testing/harness.ts';
import { givenDatabases } from '../../testing/postgres.ts';

export const password = 'four unrelated words do';
export const newPassword = 'five other words are better';

/** What an answer may hold; tests ask for the fields that theirs has. */
export type Body = { code: string; detail: string; errors: { pointer: string }[] } & User;
export type Customer = User & { token: string; sessionId: string };

export type People = {
  bank: TestBank;
  teller: string;
  owner: pg.Pool;
  /** Registered and signed in, once. */
  givenCustomer: (more?: object) => Promise<Customer>;
  /** Another session of theirs. */
  givenSession: (user: Pick<User, 'id' | 'role'>) => Promise<{ token: string; sessionId: string }>;
  post: (path: string, body: object, token?: string) => Promise<Answer<Body>>;
  /** How the bank answers to this password: `201`, or the code of its refusal. */
  signIn: (email: string, secret: string) => Promise<string>;
  /** `open`, or why it ended. */
  sessionState: (sessionId: string) => Promise<string>;
  /** All that is written down about what was done: the trail, what keys were answered, events. */
  keptTexts: () => Promise<string>;
  audited: (subject: string) => Promise<Pick<AuditEntry, 'act' | 'actor_id' | 'actor_role' | 'details'>[]>;
};

const pools: pg.Pool[] = [];
afterAll(() => Promise.all(pools.splice(0).map((pool) => pool.end())));

export async function startPeople(functions: string[], parts: Partial<TestBankParts> = {}): Promise<People> {
  const databases = await givenDatabases();
  const bank = await startBank({ databases, functions: ['register-user', 'sign-in', ...functions], ...parts });
  const owner = new pg.Pool({ connectionString: databases.users.adminUrl, max: 2 });
  pools.push(owner);
  const teller = await bank.tellerToken();
  const post: People['post'] = (path, body, token) =>
    bank.request<Body>('POST', path, { body, ...(token !== undefined && { token }) });
  const givenSession: People['givenSession'] = async ({ id, role }) => {
    const sessionId = randomUUID();
    return { token: await bank.tokenFor({ userId: id, role, sessionId }), sessionId };
  };
  let people = 0;
  return {
    bank,
    teller,
    owner,
    post,
    givenSession,
    async givenCustomer(more = {}) {
      const email = `somebody${++people}@example.com`;
      const { status, body } = await post('/users', { name: `Some Body ${people}`, email, password, ...more }, teller);
      expect(status).toBe(201);
      return { ...body, ...(await givenSession(body)) };
    },
    async signIn(email, secret) {
      const headers = { 'x-forwarded-for': `198.51.100.${people % 250}` };
      const { status, body } = await bank.request<Body>('POST', '/sessions', {
        body: { email, password: secret },
        headers,
      });
      return status === 201 ? '201' : body.code;
    },
    async sessionState(sessionId) {
      const { rows } = await owner.query<{ ended_reason: string | null }>(
        'SELECT ended_reason FROM session WHERE id = $1',
        [sessionId],
      );
      return rows[0]?.ended_reason ?? 'open';
    },
    async keptTexts() {
      const { rows } = await owner.query<{ text: string }>(
        'SELECT a::text AS text FROM audit_entry a UNION ALL SELECT k::text FROM idempotency_key k UNION ALL SELECT o::text FROM outbox o',
      );
      return rows.map(({ text }) => text).join('\n');
    },
    async audited(subject) {
      const { rows } = await owner.query<Omit<AuditEntry, 'actor_id'> & { actor_id: string | null }>(
        `SELECT act, actor_id, actor_role, details FROM audit_entry
         WHERE subject = $1 AND act NOT LIKE 'session.s%' AND act NOT LIKE 'user.%' ORDER BY id`,
        [subject],
      );
      return rows.map((row) => ({ ...row, actor_id: row.actor_id === null ? null : Number(row.actor_id) }));
    },
  };
}
