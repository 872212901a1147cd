// What a teller looks for in the audit trail. It stands in the page's address, so that other pages can link to it.
import { auditActs, type AuditAct, type AuditContext } from '../../../functions/shared/contract/audit.ts';
import { startOfDay } from '../shared/start-of-day.ts';

/** What acts are done to: subjects are `users/7`, `dead-letters/3`. */
export const subjectKinds = ['users', 'accounts', 'transactions', 'dead-letters'] as const;
type SubjectKind = (typeof subjectKinds)[number];

/** Texts as they stand in the fields; empty means any. `from` and `to` are days of the reader, both included. */
export type AuditFilters = {
  act: AuditAct | '';
  actor: string;
  kind: SubjectKind | '';
  number: string;
  from: string;
  to: string;
};

export const noAuditFilters: AuditFilters = { act: '', actor: '', kind: '', number: '', from: '', to: '' };
export const allActs: readonly AuditAct[] = Object.values(auditActs).flat();

const idText = /^[1-9]\d{0,14}$/;
export const isIdText = (text: string): boolean => idText.test(text);
const dayText = /^\d{4}-\d\d-\d\d$/;

/** Of the address's search. */
export const searchNames = ['act', 'actor', 'subject', 'from', 'to'] as const;

/** What in an address is no filter of ours is left out. */
export function filtersIn(search: URLSearchParams): AuditFilters {
  const text = (name: string, form: RegExp): string =>
    form.test(search.get(name) ?? '') ? (search.get(name) ?? '') : '';
  const [subject, number = ''] = (search.get('subject') ?? '').split('/');
  const kind = subjectKinds.find((known) => known === subject) ?? '';
  return {
    act: allActs.find((act) => act === search.get('act')) ?? '',
    actor: text('actor', idText),
    kind,
    number: kind !== '' && idText.test(number) ? number : '',
    from: text('from', dayText),
    to: text('to', dayText),
  };
}

/** As `filtersIn` reads them. */
export function searchOf({ kind, number, ...filters }: AuditFilters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...filters, subject: kind && `${kind}/${number}` })) {
    if (value !== '') search.set(name, value);
  }
  return search.toString();
}

/** The values of `GET /audit/…` that all contexts take. */
export function auditQueryOf({ actor, kind, number, from, to }: AuditFilters) {
  return {
    ...(idText.test(actor) && { actor: Number(actor) }),
    ...(kind !== '' && idText.test(number) && { subject: `${kind}/${number}` }),
    ...(from && { from: startOfDay(from, 0) }),
    ...(to && { to: startOfDay(to, 1) }),
  };
}

/** An act is written down by one context; the others need not be asked for it. */
export function contextsOf(act: AuditAct | ''): AuditContext[] {
  const contexts = Object.keys(auditActs) as AuditContext[];
  return contexts.filter((context) => act === '' || (auditActs[context] as readonly string[]).includes(act));
}
