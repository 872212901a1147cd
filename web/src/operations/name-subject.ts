// What an act was done to, in words and as a link: `accounts/42` is account 42.
import type { Messages } from '../words/en.ts';

export type Subject = { text: string; href: string | undefined };

/** A bank that is newer than this page may know other things: they are shown as they are written. */
export function nameSubject(subject: string, says: Messages): Subject {
  const [kind, id = ''] = subject.split('/');
  if (!/^\d+$/.test(id)) return { text: subject, href: undefined };
  if (kind === 'users') return { text: says.audit.person(id), href: `/customers/${id}` };
  if (kind === 'accounts') return { text: says.account.number(Number(id)), href: `/accounts/${id}` };
  if (kind === 'transactions') return { text: says.transaction.title(Number(id)), href: `/transactions/${id}` };
  if (kind === 'dead-letters') return { text: says.audit.deadLetter(id), href: undefined };
  return { text: subject, href: undefined };
}
