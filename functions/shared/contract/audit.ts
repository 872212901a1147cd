// The audit trail: which acts each context writes down, and an entry as tellers read it. Browsers may import this file: only zod.
import * as z from 'zod';
import { boundedText } from './bounded-text.ts';
import { idParam, momentParam, pageQuery } from './paging.ts';
import { visibleLine } from './plain-text.ts';

/** By the context that writes them; in the past tense, since an entry commits with what it tells of. */
export const auditActs = {
  users: [
    // A sign-in, a refused one, and every way in which a session ends.
    'session.started',
    'session.refused',
    'session.ended',
    'session.stolen',
    // By a teller for somebody; who registers themselves is told by the event user.registered.
    'user.registered',
    'user.removed',
    'teller.made',
    'role.changed',
    'profile.changed',
    'password.changed',
    'password_reset.issued',
    'password_reset.used',
    'password_reset.refused',
    'passkey.added',
    'passkey.removed',
  ],
  ledger: [
    'transaction.reversed',
    // For somebody else: what people open and close for themselves is told by the events.
    'account.opened',
    'account.closed',
    'account.frozen',
    'account.unfrozen',
    'overdraft_limit.changed',
    // Found or not; whom is in the subject.
    'payee.looked_up',
    'teller.dismissed',
    'teller.reinstated',
    // A token that is still good, of somebody who is no teller any more.
    'teller.refused',
  ],
  notifications: ['dead_letter.redriven', 'dead_letter.discarded'],
} as const;

export type AuditContext = keyof typeof auditActs;
export type AuditAct = (typeof auditActs)[AuditContext][number];

/** Why somebody did what others have to understand later. */
export const reasonSchema = visibleLine(500).meta({
  description: 'Why; kept for ever, and shown to tellers.',
  example: 'Asked for by phone',
});

export const auditEntrySchema = z.strictObject({
  id: z.int().positive(),
  at: z.iso.datetime({ offset: true }),
  act: z.string().meta({ description: 'What was done, e.g. `transaction.reversed`.' }),
  actor_id: z.int().positive().nullable().meta({ description: 'Who did it; null when nobody had signed in.' }),
  actor_role: z.enum(['anonymous', 'customer', 'teller']).meta({ description: 'As what they did it.' }),
  session_id: z.string().nullable(),
  subject: z.string().meta({ description: 'What it was done to, e.g. `transactions/9`.' }),
  reason: z.string().nullable(),
  details: z.record(z.string(), z.unknown()).meta({ description: 'What else there is to know of this act.' }),
  trace_id: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntrySchema>;

const filters = z.strictObject({
  ...pageQuery,
  actor: idParam.optional().describe('Only what this person did.'),
  subject: boundedText(100)
    .regex(/^[a-z][a-z-]*\/[\w-]+$/, 'is no subject such as users/7')
    .optional()
    .describe('Only what was done to this, e.g. `users/7`.'),
  from: momentParam.optional().describe('At this moment or later (RFC 3339).'),
  to: momentParam.optional().describe('Before this moment (RFC 3339).'),
});
export type AuditQuery = z.output<typeof filters> & { act?: AuditAct | undefined };

/** The query of a context's list. */
export function auditQuery<Context extends AuditContext>(context: Context) {
  return filters.extend({ act: z.enum(auditActs[context]).optional().describe('Only this act.') });
}

export const auditExample: AuditEntry = {
  id: 1,
  at: '2026-11-23T08:00:00.000000Z',
  act: 'transaction.reversed',
  actor_id: 1,
  actor_role: 'teller',
  session_id: '0198c5a0-0000-7000-8000-000000000009',
  subject: 'transactions/2',
  reason: 'Booked twice',
  details: { reversal_id: 3 },
  trace_id: '0af7651916cd43dd8448eb211c80319c',
};
