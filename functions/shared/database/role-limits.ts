// How long the bank's roles may wait: settings of the roles themselves, so that they hold through a transaction pooler as well.
// Sent by the client they would not: PgBouncer refuses such a start-up parameter, or drops it in silence when it is told to ignore it.
import { escapeIdentifier, type ClientBase } from 'pg';

/** Whoever waits gives up in this order: for a lock, for a statement, for somebody who left a transaction open. */
const roleLimits = {
  lock_timeout: '5s',
  statement_timeout: '10s',
  idle_in_transaction_session_timeout: '15s',
};

/** For the role itself, or one that may alter it. Sessions that are open already keep what they began with. */
export async function limitRole(connection: Pick<ClientBase, 'query'>, role: string): Promise<void> {
  for (const [setting, value] of Object.entries(roleLimits))
    await connection.query(`alter role ${escapeIdentifier(role)} set ${setting} = '${value}'`);
}
