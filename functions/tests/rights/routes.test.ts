// Who may do what: every endpoint, asked by everybody, from one table. A route without a row fails.
import { beforeAll, describe, expect, test } from 'vitest';
import { alicesPassword, expectNoSecrets, startWorld, type World } from '../api/testing/people.ts';
import { madePasskey, usedPasskey } from '../api/testing/posts.ts';
import { callers, givenCallers, refusedAs, whenEndsAreKnown, type Callers, type Cells } from './testing/callers.ts';

let world: World;
let who: Callers;
beforeAll(async () => {
  world = await startWorld();
  who = await givenCallers(world);
  await whenEndsAreKnown(world, who);
}, 30_000);

type Rights = Omit<Cells, keyof ReturnType<typeof refusedAs>>;
const cells = (anonymous: string, customer: string, other: string, teller: string): Rights => ({
  anonymous,
  customer,
  'other customer': other,
  teller,
});
const stranger = '401 unauthenticated';

/** Of Alice's own things: nobody else can tell that they are there. */
const hers = (what: string, status: number) => cells(stranger, `${status}`, `404 ${what}_not_found`, `${status}`);
/** Not even a teller does it for somebody. */
const herOwn = (status: number) => cells(stranger, `${status}`, '404 user_not_found', '404 user_not_found');
/** Everybody gets an answer, of their own. A token that is no good is refused even where none is needed. */
const open = (status: number) => cells(`${status}`, `${status}`, `${status}`, `${status}`);
/** Takes what a browser brings by itself, so that without a token it takes the header which only pages of the bank can send: see authenticate.ts. */
const ownPages = (rights: Rights): Rights => ({ ...rights, anonymous: '403 csrf_refused' });
const signedIn = (status: number) => cells(stranger, `${status}`, `${status}`, `${status}`);
const tellers = (status: number) => cells(stranger, '403 forbidden', '403 forbidden', `${status}`);
const refused = (told: string, toStrangers = stranger) => cells(toStrangers, told, told, told);

const posting = '"account_id":<account>,"amount":1,"description":"for alice only"';
const rows: readonly (readonly [route: string, pathAndBody: string, rights: Rights])[] = [
  ['POST /users', `/users {"name":"New","email":"<new email>","password":"${alicesPassword}"}`, open(201)],
  ['POST /sessions', `/sessions {"email":"alice@example.com","password":"${alicesPassword}"}`, open(201)],
  [
    'POST /web-sessions',
    `/web-sessions {"email":"bob@example.com","password":"${alicesPassword}"}`,
    ownPages(open(201)),
  ],
  [
    'POST /sessions/renewal',
    `/sessions/renewal {"session_id":"00000000-0000-7000-8000-000000000000","renewal_secret":"0.${'A'.repeat(43)}"}`,
    cells('401 session_ended', '401 session_ended', '401 session_ended', '401 session_ended'),
  ],
  ['GET /sessions', '/sessions', signedIn(200)],
  ['DELETE /sessions', '/sessions', ownPages(signedIn(204))],
  ['DELETE /sessions/{id}', '/sessions/<new session>', ownPages(hers('session', 204))],
  ['POST /web-sessions/passkey-options', '/web-sessions/passkey-options', open(200)],
  [
    'POST /web-sessions/passkey',
    `/web-sessions/passkey {"response":${JSON.stringify(usedPasskey)}}`,
    refused('401 passkey_refused', '403 csrf_refused'),
  ],
  ['GET /web-sessions/current', '/web-sessions/current', open(200)],
  [
    'POST /web-sessions/current/renewal',
    '/web-sessions/current/renewal',
    // Takes the renewal cookie alone; no token renews, whosever it is.
    cells('403 csrf_refused', '401 session_ended', '401 session_ended', '401 session_ended'),
  ],
  ['DELETE /web-sessions/current', '/web-sessions/current', ownPages(open(204))],
  [
    'POST /command-authorities',
    '/command-authorities {"type":"com.microbank.deposit.requested","source":"/s","id":"1","data":{}}',
    signedIn(201),
  ],
  ['GET /.well-known/ended-sessions.json', '/.well-known/ended-sessions.json', open(200)],
  ['GET /.well-known/jwks.json', '/.well-known/jwks.json', open(200)],
  ['GET /users', '/users', signedIn(200)],
  ['GET /users/{id}', '/users/<alice>', hers('user', 200)],
  ['DELETE /users/{id}', '/users/<new user>', hers('user', 204)],
  [
    'POST /users/{id}/password',
    `/users/<alice>/password {"current_password":"${alicesPassword}","new_password":"${alicesPassword}"}`,
    herOwn(204),
  ],
  [
    'POST /users/{id}/profile',
    `/users/<alice>/profile {"phone":"123 456","password":"${alicesPassword}"}`,
    herOwn(200),
  ],
  ['POST /users/{id}/password-reset', '/users/<alice>/password-reset {}', tellers(201)],
  [
    'POST /password-resets',
    '/password-resets {"email":"alice@example.com","code":"0000-0000-0000","new_password":"five other words are better"}',
    refused('422 reset_refused', '422 reset_refused'),
  ],
  ['GET /passkeys', '/passkeys', signedIn(200)],
  [
    'POST /passkeys/options',
    `/passkeys/options {"password":"${alicesPassword}"}`,
    cells(stranger, '200', '422 wrong_password', '200'),
  ],
  [
    'POST /passkeys',
    `/passkeys {"name":"Phone","response":${JSON.stringify(madePasskey)}}`,
    refused('422 passkey_refused'),
  ],
  ['DELETE /passkeys/{id}', '/passkeys/<new passkey>', hers('passkey', 204)],
  ['POST /accounts', '/accounts {"user_id":<alice>,"account_type":"checking"}', hers('user', 201)],
  ['GET /accounts', '/accounts', signedIn(200)],
  ['GET /accounts/days', '/accounts/days?currency=USD', signedIn(200)],
  ['GET /accounts/{id}', '/accounts/<account>', hers('account', 200)],
  ['GET /accounts/{id}/days', '/accounts/<account>/days', hers('account', 200)],
  ['GET /accounts/{id}/statement', '/accounts/<account>/statement', hers('account', 200)],
  ['DELETE /accounts/{id}', '/accounts/<new empty account>', hers('account', 204)],
  ['POST /accounts/{id}/freeze', '/accounts/<new empty account>/freeze {"reason":"Stolen"}', tellers(200)],
  ['POST /accounts/{id}/unfreeze', '/accounts/<new frozen account>/unfreeze {"reason":"Found"}', tellers(200)],
  [
    'POST /accounts/{id}/overdraft-limit',
    '/accounts/<new empty account>/overdraft-limit {"overdraft_limit":5,"reason":"Salary"}',
    tellers(200),
  ],
  ['POST /users/{id}/role', '/users/<new user>/role {"role":"customer","reason":"Asked for"}', tellers(200)],
  ['POST /deposits', `/deposits {${posting}}`, hers('account', 201)],
  ['POST /withdrawals', `/withdrawals {${posting}}`, hers('account', 201)],
  ['POST /transfers', `/transfers {${posting},"target_account_id":<bob's account>}`, hers('account', 201)],
  ['POST /transactions', `/transactions {${posting},"type":"deposit"}`, hers('account', 201)],
  ['POST /transactions/{id}/reversal', '/transactions/<new transaction>/reversal', tellers(201)],
  ['GET /transactions', '/transactions', signedIn(200)],
  ['GET /transactions/{id}', '/transactions/<new transaction>', hers('transaction', 200)],
  ['GET /payees', '/payees?email=bob@example.com&currency=USD', signedIn(200)],
  ['GET /notifications', '/notifications', signedIn(200)],
  ['GET /notifications/unread', '/notifications/unread', signedIn(200)],
  ['GET /notifications/stream', '/notifications/stream', signedIn(200)],
  ['GET /notifications/{id}', '/notifications/<new notification>', hers('notification', 200)],
  ['POST /notifications/read', '/notifications/read {"up_to_id":1}', signedIn(200)],
  ['POST /notifications/{id}/read', '/notifications/<new notification>/read', hers('notification', 200)],
  ['DELETE /notifications/{id}', '/notifications/<new notification>', hers('notification', 204)],
  ['GET /audit/users', '/audit/users', tellers(200)],
  ['GET /audit/ledger', '/audit/ledger', tellers(200)],
  ['GET /audit/notifications', '/audit/notifications', tellers(200)],
  ['GET /operations', '/operations', tellers(200)],
  ['GET /operations/functions', '/operations/functions', tellers(200)],
  ['GET /operations/dead-letters', '/operations/dead-letters', tellers(200)],
  ['POST /operations/dead-letters/redrive', '/operations/dead-letters/redrive', tellers(200)],
  [
    'POST /operations/dead-letters/{id}/discard',
    '/operations/dead-letters/<new dead letter>/discard {"reason":"made by a test"}',
    tellers(200),
  ],
  ['POST /operations/dead-letters/{id}/redrive', '/operations/dead-letters/<new dead letter>/redrive', tellers(200)],
];

test('every route of every function has a row', () => {
  expect(rows.map(([route]) => route).sort()).toEqual([...world.bank.routes.keys()].sort());
});

describe('each endpoint answers each caller as the table says', () => {
  test.each(rows)('%s', async (route, pathAndBody, rights) => {
    const [method] = route.split(' ');
    const seen: Partial<Cells> = {};
    for (const caller of callers) {
      const owner = pathAndBody.includes('<new user>') ? await givenUser() : world.alice.id;
      const line = await world.fill(`${method} ${pathAndBody}`); // Before the counting starts.
      const before = await world.settled();
      const answer = await world.ask(line, await who.tokenOf(caller, owner));
      seen[caller] = answer.told;

      expect(answer.headers.has('www-authenticate'), `${caller}: WWW-Authenticate`).toBe(answer.status === 401);
      if (answer.status >= 400) {
        expect(answer.headers.get('content-type'), caller).toBe('application/problem+json');
        expect(await world.settled(), `${caller}: nothing changed`).toEqual(before);
      }
      if (caller !== 'customer' && caller !== 'teller') expectNoSecrets(answer);
    }
    expect(seen).toEqual({ ...rights, ...refusedAs(401) });
  });
});

let users = 0;

/** Somebody who has nothing, and can go. */
async function givenUser(): Promise<number> {
  const { id } = await world.bank.givenPerson(`Leaver${++users}`);
  world.given['new user'] = () => id;
  return id;
}
