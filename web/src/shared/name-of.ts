// The names of people that tellers read about, where the bank gives only their numbers.
import { contract as readUsers } from '../../../functions/read-users/contract.ts';
import { call } from '../app/api.ts';

/** Asked once each, however often they are on a page: few people do much. */
const names = new Map<number, Promise<string | undefined>>();

/** Undefined for somebody who is erased, and while the bank cannot be reached. */
export function nameOf(id: number): Promise<string | undefined> {
  const name = names.get(id) ?? ask(id);
  names.set(id, name);
  return name;
}

async function ask(id: number): Promise<string | undefined> {
  try {
    return (await call(readUsers, 'GET /users/{id}', { id })).name;
  } catch {
    // The next page that names them asks again.
    names.delete(id);
    return undefined;
  }
}
