// The bank's customers: each opens accounts and gives commands, and repeats one with its key until it is answered.
import type { PostAnswer } from '../../post-event.ts';
import { chooseCommand, messageOf, type Account, type Command } from './commands.ts';
import { createProcess } from './process.ts';
import { brokerUrl, type Surroundings } from './programs.ts';

export type Clients = {
  /** All have heard the answer to their last command. */
  done: () => boolean;
  /** Transactions that clients were told of, by number. */
  transactions: Set<number>;
  problems: string[];
};

const clientTimeoutMs = 15_000;

/** Two to four of them; one may have its commands served by the program whose commits come late. */
export function startClients(around: Surroundings): Clients {
  const { world } = around;
  const { random } = world;
  const accounts: Account[] = [];
  const clients: Clients = { done: () => working === 0, transactions: new Set(), problems: [] };
  const reversible: number[] = [];
  let working = 0;

  async function live(userId: number, late: boolean): Promise<void> {
    const give = createGiving(around, userId, late);
    const open = async (): Promise<void> => {
      const body = { user_id: userId, account_type: 'checking', balance: random.below(200) };
      const { answer } = await give({ fn: 'open-account', path: '/accounts', body, byEvent: false });
      accounts.push({ id: (answer as { id: number }).id, userId, late });
    };
    await open();
    if (random.chance(0.3)) await open();
    for (let left = 1 + random.below(4); left > 0; left--) {
      await world.sleep(random.span(10, 60_000));
      const known = accounts.filter((account) => account.late === late);
      const { transactionId } = await give(chooseCommand(random, known, late ? [] : reversible, userId));
      if (transactionId === undefined) continue;
      clients.transactions.add(transactionId);
      if (!late) reversible.push(transactionId);
    }
  }

  function startClient(userId: number, late: boolean): void {
    working++;
    const client = createProcess(`client-${userId}`);
    world
      .run(client, () => live(userId, late))
      .then(
        () => working--,
        (error: unknown) => clients.problems.push(`client ${userId} failed: ${String(error)}`),
      );
  }
  for (let userId = 1; userId <= 2 + random.below(2); userId++) startClient(userId, false);
  if (random.chance(0.4)) startClient(4, true);
  return clients;
}

type Given = { answer: unknown; transactionId: number | undefined };

/** Gives a command until there is an answer that is the bank's last word. */
function createGiving(
  { world, network }: Surroundings,
  userId: number,
  late: boolean,
): (command: Command) => Promise<Given> {
  let commands = 0;

  return async (command) => {
    const { path, headers, body, toBroker } = messageOf(command, userId, ++commands);
    // By the broker nobody hears what came of it: asked again at the function itself, the command has been done once.
    for (let left = toBroker && !late ? world.random.below(3) : 0; left > 0; left--) {
      await network.poster.post(new URL(brokerUrl), toBroker ?? {}, body, clientTimeoutMs).catch(() => undefined);
      await world.sleep(world.random.span(10, 10_000));
    }
    for (;;) {
      const place = late ? 'bank-late' : world.random.pick(['bank-1', 'bank-2']);
      const url = new URL(`http://${place}${path}`);
      // A second copy of what is not committed yet would wait for a lock that nobody gives free while it waits.
      const timeoutMs = late ? Infinity : clientTimeoutMs;
      const answer = await network.poster.post(url, headers, body, timeoutMs).catch(() => undefined);
      if (answer && isLastWord(answer)) return readAnswer(answer);
      await world.sleep(world.random.span(100, 20_000));
    }
  };
}

function isLastWord({ status, headers }: PostAnswer): boolean {
  return status < 500 && headers['retry-after'] === undefined;
}

function readAnswer({ status, headers, body }: PostAnswer): Given {
  const answer = JSON.parse(body.toString()) as { id?: number; type?: string; transaction_id?: number };
  if (headers['ce-type'] === 'com.microbank.transaction.completed')
    return { answer, transactionId: answer.transaction_id };
  return { answer, transactionId: status === 201 ? answer.id : undefined };
}
