// Who may do what: every endpoint, asked by everybody, from one table. A route without a row fails.
import { beforeAll, describe, expect, test } from 'vitest';
import { alicesPassword, expectNoSecrets, startWorld, type World } from './testing/people.ts';
import type { Person } from './testing/whole-bank.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});

const callers = ['no token', 'bad token', 'expired token', 'other customer', 'owner', 'teller'] as const;
const stranger = '401 unauthenticated';

/** Of Alice's own things: nobody else can tell that they are there. */
const hers = (what: string, status: number) => [
  stranger,
  stranger,
  stranger,
  `404 ${what}_not_found`,
  `${status}`,
  `${status}`,
];
/** Everybody gets an answer, of their own. A token that is no good is refused even where none is needed. */
const open = (status: number) => [`${status}`, stranger, stranger, `${status}`, `${status}`, `${status}`];
/** Sets a cookie, so that without a token it takes the header which only pages of the bank can send: see authenticate.ts. */
const ownPages = (status: number) => ['403 csrf_refused', ...open(status).slice(1)];
const signedIn = (status: number) => [stranger, stranger, stranger, `${status}`, `${status}`, `${status}`];
const tellers = (status: number) => [stranger, stranger, stranger, '403 forbidden', '403 forbidden', `${status}`];

const posting = '"account_id":<account>,"amount":1,"description":"for alice only"';
const rows: readonly (readonly [route: string, pathAndBody: string, answers: readonly string[]])[] = [
  ['POST /users', `/users {"name":"New","email":"<new email>","password":"${alicesPassword}"}`, open(201)],
  ['POST /sessions', `/sessions {"email":"alice@example.com","password":"${alicesPassword}"}`, open(201)],
  ['POST /web-sessions', `/web-sessions {"email":"bob@example.com","password":"${alicesPassword}"}`, ownPages(201)],
  ['GET /web-sessions/current', '/web-sessions/current', open(200)],
  ['POST /web-sessions/current/renewal', '/web-sessions/current/renewal', ownPages(200)],
  ['DELETE /web-sessions/current', '/web-sessions/current', ownPages(204)],
  ['GET /.well-known/jwks.json', '/.well-known/jwks.json', open(200)],
  ['GET /users', '/users', signedIn(200)],
  ['GET /users/{id}', '/users/<alice>', hers('user', 200)],
  ['DELETE /users/{id}', '/users/<new user>', hers('user', 204)],
  ['POST /accounts', '/accounts {"user_id":<alice>,"account_type":"checking"}', hers('user', 201)],
  ['GET /accounts', '/accounts', signedIn(200)],
  ['GET /accounts/days', '/accounts/days?currency=USD', signedIn(200)],
  ['GET /accounts/{id}', '/accounts/<account>', hers('account', 200)],
  ['GET /accounts/{id}/days', '/accounts/<account>/days', hers('account', 200)],
  ['GET /accounts/{id}/statement', '/accounts/<account>/statement', hers('account', 200)],
  ['DELETE /accounts/{id}', '/accounts/<new empty account>', hers('account', 204)],
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
  ['GET /operations', '/operations', tellers(200)],
  ['GET /operations/functions', '/operations/functions', tellers(200)],
  ['GET /operations/dead-letters', '/operations/dead-letters', tellers(200)],
  ['POST /operations/dead-letters/redrive', '/operations/dead-letters/redrive', tellers(200)],
  ['POST /operations/dead-letters/{id}/redrive', '/operations/dead-letters/<new dead letter>/redrive', tellers(200)],
];

test('every route of every function has a row', () => {
  expect(rows.map(([route]) => route).sort()).toEqual([...world.bank.routes.keys()].sort());
});

describe('each endpoint answers each caller as the table says', () => {
  test.each(rows)('%s', async (route, pathAndBody, answers) => {
    const [method] = route.split(' ');
    const seen: Record<string, string> = {};
    for (const caller of callers) {
      const owner = pathAndBody.includes('<new user>') ? await givenUser() : world.alice;
      const line = await world.fill(`${method} ${pathAndBody}`); // Before the counting starts.
      const before = await world.settled();
      const answer = await world.ask(line, await tokenOf(caller, owner));
      seen[caller] = answer.told;

      expect(answer.headers.has('www-authenticate'), `${caller}: WWW-Authenticate`).toBe(answer.status === 401);
      if (answer.status >= 400) {
        expect(answer.headers.get('content-type'), caller).toBe('application/problem+json');
        expect(await world.settled(), `${caller}: nothing changed`).toEqual(before);
      }
      if (caller !== 'owner' && caller !== 'teller') expectNoSecrets(answer);
    }
    expect(seen).toEqual(Object.fromEntries(callers.map((caller, i) => [caller, answers[i]])));
  });
});

let users = 0;

/** Somebody who has nothing, and can go. */
async function givenUser(): Promise<Person> {
  const person = await world.bank.givenPerson(`Leaver${++users}`);
  world.given['new user'] = () => person.id;
  return person;
}

async function tokenOf(caller: (typeof callers)[number], owner: Person): Promise<string | undefined> {
  switch (caller) {
    case 'no token':
      return undefined;
    case 'bad token':
      return `${owner.token.slice(0, -8)}AAAAAAAA`;
    case 'expired token':
      return world.bank.tokenFor({ userId: owner.id, expiresIn: -60 });
    case 'other customer':
      return world.mallory.token;
    case 'owner':
      return owner.token;
    case 'teller':
      return world.bank.teller.token;
  }
}
