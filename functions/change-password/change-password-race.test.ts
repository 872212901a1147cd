// A password that changes while sessions are renewed and begun: nothing that was had with the old one outlives the change.
import { beforeAll, expect, test } from 'vitest';
import {
  newPassword,
  password,
  startPeople,
  type Customer,
  type People,
} from '../shared/credentials/testing/people.ts';

type Begun = { session_id: string; renewal_secret: string; access_token: string; code?: string };

let people: People;
beforeAll(async () => {
  people = await startPeople(['change-password', 'reset-password']);
});

let networks = 0;
const begin = async ({ email }: { email: string }, secret = password): Promise<Begun> => {
  const headers = { 'x-forwarded-for': `10.1.${networks++ >> 8}.${networks & 255}` };
  return (await people.bank.request<Begun>('POST', '/sessions', { body: { email, password: secret }, headers })).body;
};
const renew = async ({ session_id, renewal_secret }: Begun) =>
  people.bank.request<Begun>('POST', '/sessions/renewal', { body: { session_id, renewal_secret } });
const change = ({ id, token }: Customer) =>
  people.post(`/users/${id}/password`, { current_password: password, new_password: newPassword }, token);

test('a renewal that overlaps with a change of the password gives nothing that lasts', async () => {
  for (let round = 0; round < 4; round++) {
    const alice = await people.givenCustomer();
    const others = await Promise.all([begin(alice), begin(alice), begin(alice)]);
    const [changed, ...renewed] = await Promise.all([change(alice), ...others.map(renew)]);
    expect(changed.status).toBe(204);
    for (const { session_id } of others) expect(await people.sessionState(session_id)).toBe('password_changed');
    // Whoever was faster than the change has a secret, and gets nothing for it.
    for (const { status, body } of renewed) {
      expect([200, 401]).toContain(status);
      if (status === 200) expect(await renew(body)).toMatchObject({ status: 401, body: { code: 'session_ended' } });
    }
    expect(await people.sessionState(alice.sessionId)).toBe('open');
  }
});

test('no session that was begun with the old password is open after its change, nor after a reset', async () => {
  for (const way of ['change', 'reset'] as const) {
    const alice = await people.givenCustomer();
    const issued = await people.post(`/users/${alice.id}/password-reset`, {}, people.teller);
    const replace = async () =>
      way === 'change'
        ? change(alice)
        : people.post('/password-resets', { email: alice.email, code: issued.body.code, new_password: newPassword });
    const begun = Array.from({ length: 6 }, () => begin(alice));
    const [replaced, ...sessions] = await Promise.all([replace(), ...begun]);
    expect([way, replaced.status]).toEqual([way, 204]);
    for (const { session_id, code } of sessions) {
      if (code === undefined)
        expect(await people.sessionState(session_id)).toBe(`password_${way === 'change' ? 'changed' : 'reset'}`);
      else expect(code).toBe('invalid_credentials');
    }
    expect((await begin(alice)).code).toBe('invalid_credentials');
    const { session_id } = await begin(alice, newPassword);
    expect(await people.sessionState(session_id)).toBe('open');
  }
});
