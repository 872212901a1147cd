// Who may give which command as an event: every type, at the function's root and at its route, from one table. A command without a row fails.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Contract } from '../../shared/contract/function.ts';
import { commandOf, commandRows, type CommandRow } from '../api/testing/commands.ts';
import { sendCommand, source, type Reply } from '../api/testing/events.ts';
import { startWorld, type World } from '../api/testing/people.ts';
import { authorityOf, type Asked } from './testing/authorities.ts';
import { callers, givenCallers, refusedAs, whenEndsAreKnown, type Callers, type Cells } from './testing/callers.ts';
import { fingerprint } from './testing/fingerprint.ts';

let world: World;
let who: Callers;
beforeAll(async () => {
  world = await startWorld();
  who = await givenCallers(world);
  await whenEndsAreKnown(world, who);
}, 30_000);

type Rights = Omit<Cells, keyof ReturnType<typeof refusedAs>>;

/** Of Alice's own things: to others they are not there. */
const hers = (done: string, notFound: string): Rights => ({
  anonymous: '500 unauthenticated',
  customer: done,
  'other customer': notFound,
  teller: done,
});
const booked = hers('transaction.completed', 'refused: account_not_found');
/** What the first four may do with a command of hers, by its type. */
const rights: Record<string, Rights> = {
  'deposit.requested': booked,
  'withdrawal.requested': booked,
  'transfer.requested': booked,
  'transaction.requested': booked,
  'reversal.requested': {
    ...hers('refused: forbidden', 'refused: forbidden'),
    teller: 'transaction.completed',
  },
  'account.opening.requested': hers('account.opened', 'refused: user_not_found'),
  'account.closing.requested': hers('account.closed', 'refused: account_not_found'),
  'user.registration.requested': {
    anonymous: 'user.registered',
    customer: 'user.registered',
    'other customer': 'user.registered',
    teller: 'user.registered',
  },
  // The users record no refusals: it is a fault, and becomes a dead letter.
  'user.removal.requested': hers('user.removed', '500 user_not_found'),
};

test('every command of every function has a row, and rights', () => {
  const commands = world.bank.contracts.flatMap(({ name, command }) => (command ? [`${command.type} ${name}`] : []));
  expect(commandRows.map(([type, to]) => `com.microbank.${type} ${to}`).sort()).toEqual(commands.sort());
  expect(Object.keys(rights).sort()).toEqual(commandRows.map(([type]) => type).sort());
});

describe.each(['root', 'route'] as const)('at the %s', (door) => {
  test.each(commandRows)('%s', async (...row) => {
    const [type, name] = row;
    const seen: Partial<Cells> = {};
    for (const caller of callers) {
      const { data, owner } = await dataOf(row);
      const asked: Asked = { type: `com.microbank.${type}`, source, id: crypto.randomUUID(), data };
      const authority = await authorityOf(world, who, caller, asked, owner);
      const before = await fingerprint(world.bank);
      const to = door === 'root' ? name : name + pathOf(name, data);
      const reply = await sendCommand(world.bank, 'binary', { ...asked, to, authority });
      seen[caller] = tell(reply);
      if (reply.status >= 400) expect(await fingerprint(world.bank), caller).toEqual(before);
    }
    const expected: Cells = { ...(rights[type] as Rights), ...refusedAs(500) };
    expect(seen).toEqual(door === 'root' ? expected : atRoute(name, expected));
  });
});

/** Somebody who may go is made for each caller, and is the one who may. */
async function dataOf(row: CommandRow): Promise<{ data: Record<string, unknown>; owner: number }> {
  const data = (await commandOf(world, row)).data as Record<string, unknown>;
  return { data, owner: row[0] === 'user.removal.requested' ? Number(data['id']) : world.alice.id };
}

function pathOf(name: string, data: Record<string, unknown>): string {
  return routeOf(name)
    .replace(/^\w+ /, '')
    .replace(/\{(\w+)\}/g, (_, parameter: string) => String(data[parameter]));
}

function routeOf(name: string): string {
  return (world.bank.contracts.find((contract) => contract.name === name) as Contract).command?.route ?? '';
}

function tell({ status, event, code }: Reply): string {
  if (!event) return `${status} ${code}`;
  const type = event.type.replace('com.microbank.', '');
  return type === 'transaction.refused' ? `refused: ${String(event.data?.['code'])}` : type;
}

const ownStatus: Record<string, number> = { unauthenticated: 401, session_ended: 401, user_not_found: 404 };

/** A client reads there what a dispatcher must not: the refusal's own status. Events are posted, so what is deleted takes none. */
function atRoute(name: string, cells: Cells): Cells {
  const isPosted = routeOf(name).startsWith('POST ');
  const own = (cell: string): string =>
    isPosted ? cell.replace(/^500 (\w+)$/, (_, code: string) => `${ownStatus[code]} ${code}`) : '404 route_not_found';
  return Object.fromEntries(Object.entries(cells).map(([caller, cell]) => [caller, own(cell)])) as Cells;
}
