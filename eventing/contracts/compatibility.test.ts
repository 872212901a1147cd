// Which changes of a released schema are none of its readers' business, and which are a new version: one row each.
import * as z from 'zod';
import { expect, test } from 'vitest';
import type { Json } from '../events/data-schemas.ts';
import { findBreaks } from './compatibility.ts';

const released = z.strictObject({
  id: z.int().positive(),
  kind: z.enum(['deposit', 'withdrawal']),
  note: z.string().max(200).nullable(),
  amount: z.union([z.number(), z.string().max(64)]),
  entries: z.array(z.strictObject({ amount: z.number() })).min(2),
  extra: z.string().optional(),
  at: z.iso.datetime({ offset: true }),
});
const { shape } = released;

type Row = { change: string; to: z.ZodObject; given?: string[]; taken?: string[] };

const rows: Row[] = [
  { change: 'nothing', to: released },
  { change: 'another description', to: released.extend({ note: shape.note.describe('Why.') }) },
  { change: 'a new optional field', to: released.extend({ more: z.string().optional() }) },
  { change: 'a new required field', to: released.extend({ more: z.string() }), taken: ['/more: is now required'] },
  { change: 'a lost field', to: released.omit({ note: true }), given: ['/note: is gone'], taken: ['/note: is gone'] },
  {
    change: 'a required field that becomes optional',
    to: released.extend({ note: shape.note.optional() }),
    given: ['/note: was always there and is now optional'],
  },
  {
    change: 'an optional field that becomes required',
    to: released.extend({ extra: z.string() }),
    taken: ['/extra: is now required'],
  },
  {
    change: 'a field of another type',
    to: released.extend({ extra: z.number().optional() }),
    given: ['/extra: type no longer has string', '/extra: type now has number, which readers do not expect'],
    taken: ['/extra: type no longer has string'],
  },
  {
    change: 'a field that may be null now',
    to: released.extend({ extra: z.string().nullable().optional() }),
    given: ['/extra: type now has null, which readers do not expect'],
  },
  {
    change: 'a field that may no longer be null',
    to: released.extend({ note: z.string().max(200) }),
    given: ['/note: type no longer has null'],
    taken: ['/note: type no longer has null'],
  },
  {
    change: 'one value less',
    to: released.extend({ kind: z.enum(['deposit']) }),
    given: ['/kind: enum no longer has "withdrawal"'],
    taken: ['/kind: enum no longer has "withdrawal"'],
  },
  {
    change: 'one value more',
    to: released.extend({ kind: z.enum(['deposit', 'withdrawal', 'transfer']) }),
    given: ['/kind: enum now has "transfer", which readers do not expect'],
  },
  {
    change: 'a text that must be shorter',
    to: released.extend({ note: z.string().max(100).nullable() }),
    given: ['/note: maxLength was 200 and is 100'],
    taken: ['/note: maxLength was 200 and is 100'],
  },
  {
    change: 'a text that may be longer',
    to: released.extend({ note: z.string().max(300).nullable() }),
    given: ['/note: maxLength was 200 and is 300'],
  },
  {
    change: 'a text that must fit a pattern',
    to: released.extend({ extra: z.string().regex(/^a/).optional() }),
    given: ['/extra: pattern was not set and is "^a"'],
    taken: ['/extra: pattern was not set and is "^a"'],
  },
  {
    change: 'a moment whose text is as long as the database reads it',
    to: released.extend({
      at: z
        .string()
        .max(149)
        .check(z.iso.datetime({ offset: true })),
    }),
    given: ['/at: maxLength was not set and is 149'],
  },
  {
    change: 'a moment whose text has to be shorter',
    to: released.extend({
      at: z
        .string()
        .max(148)
        .check(z.iso.datetime({ offset: true })),
    }),
    given: ['/at: maxLength was not set and is 148'],
    taken: ['/at: maxLength was not set and is 148'],
  },
  {
    change: 'a number that may be a text of digits as well',
    to: released.extend({ id: z.union([shape.id, z.string().regex(/^[1-9][0-9]*$/)]) }),
    given: ['/id: type now has string, which readers do not expect', '/id: pattern was not set and is "^[1-9][0-9]*$"'],
  },
  {
    change: 'a union in another that says the same',
    to: released.extend({ note: z.union([shape.note, z.null()]) }),
  },
  {
    change: 'a union with one branch less',
    to: released.extend({ amount: z.number() }),
    given: ['/amount: type no longer has string', '/amount: maxLength was 64 and is not set'],
    taken: ['/amount: type no longer has string'],
  },
  {
    change: 'a lost field in a list',
    to: released.extend({ entries: z.array(z.strictObject({})).min(2) }),
    given: ['/entries/*/amount: is gone'],
    taken: ['/entries/*/amount: is gone'],
  },
  {
    change: 'a list that may be shorter',
    to: released.extend({ entries: z.array(z.strictObject({ amount: z.number() })).min(1) }),
    given: ['/entries: minItems was 2 and is 1'],
  },
];

test.each(rows)('$change: what it breaks for those who read the event', ({ to, given = [] }) => {
  expect(findBreaks(toJson(released, 'output'), toJson(to, 'output'), 'given')).toEqual(given);
});

test.each(rows)('$change: what it breaks for those who send the command', ({ to, taken = [] }) => {
  expect(findBreaks(toJson(released, 'input'), toJson(to, 'input'), 'taken')).toEqual(taken);
});

function toJson(schema: z.ZodObject, io: 'input' | 'output'): Json {
  return z.toJSONSchema(schema, { io });
}
