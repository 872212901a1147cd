// A function for tests of the server itself: it needs no database and shows what reached it.
import * as z from 'zod';
import { setTimeout as sleep } from 'node:timers/promises';
import { committed, page, type Document, type EventStream } from '../handler/answer.ts';
import type { Contract } from '../contract/function.ts';
import { Refusal } from '../contract/errors.ts';
import { defineFunction, type BankFunction } from '../process/define-function.ts';
import { idParam, integerParam, pageQuery } from '../contract/paging.ts';
import type { OutboxEvent } from '../../../eventing/outbox/outbox-event.ts';
import type { IncomingEvent } from '../handler/event.ts';

const params = z.strictObject({ id: idParam });
const anything = z.record(z.string(), z.unknown());
/** `size` 13 is refused, 500 breaks, -1 breaks before anything is awaited. */
const thingBody = z.strictObject({
  size: integerParam({ min: -1, max: 1000 }),
  name: z.string().max(20).default('a thing'),
});

const contract = {
  name: 'things',
  summary: 'For tests.',
  databases: [],
  command: { type: 'com.microbank.thing.requested', route: 'POST /things/{id}' },
  consumes: ['com.microbank.account.opened'],
  routes: {
    'GET /things': {
      summary: '',
      access: 'anyone',
      query: z.object({ ...pageQuery, colour: z.string().optional() }),
      answer: z.array(anything),
      status: 200,
    },
    'GET /things/stream': { summary: '', access: 'anyone', status: 200, alsoProduces: ['text/event-stream'] },
    'GET /things/{id}': {
      summary: '',
      access: 'anyone',
      params,
      answer: anything,
      status: 200,
      etag: (thing: { id: number }) => `v${thing.id}`,
      alsoProduces: ['text/csv'],
    },
    'POST /things': {
      summary: '',
      access: 'anyone',
      body: thingBody,
      answer: anything,
      status: 201,
      location: () => '/things/7',
    },
    'POST /things/{id}': { summary: '', access: 'signed-in', params, body: thingBody, answer: anything, status: 201 },
    'POST /things/{id}/touch': { summary: '', access: 'anyone', params, status: 204 },
    'DELETE /things/{id}': { summary: '', access: 'teller', params, status: 204 },
  },
  instead: { 'PUT /things/{id}': 'things do not change' },
} as const satisfies Contract;

/** What the handlers saw; shared by all copies. */
export const seen: { events: IncomingEvent[]; aborted: number } = { events: [], aborted: 0 };

export const thingsFunction: BankFunction = defineFunction(contract, () => ({
  routes: {
    'GET /things': (query, call) =>
      Promise.resolve(page([{ ...query, after: call.after }], query.skip === 9 ? undefined : { id: 3n, at: 'now' })),
    'GET /things/stream': (_command, call) =>
      Promise.resolve<EventStream>({
        kind: 'event-stream',
        events: ticks(Number(call.lastEventId ?? 0), call.signal),
      }),
    'GET /things/{id}': ({ id }, { accept, caller, address }) =>
      Promise.resolve(accept === 'text/csv' ? csvOf(id) : { id, caller, address }),
    'POST /things': (command, call) => {
      if (command.size === -1) throw new Error('broke at once');
      return make(command.size, command.name, call.idempotency);
    },
    'POST /things/{id}': async (command, call) =>
      committed(
        await make(command.size, command.name, { ...call.idempotency, id: command.id }),
        eventOf(command),
        command.id === 2,
      ),
    'POST /things/{id}/touch': () => Promise.resolve(),
    'DELETE /things/{id}': () => Promise.resolve(),
  },
  async onEvent(event) {
    await Promise.resolve();
    if (event.data === 'poison') throw new Refusal('thing_unknown', 422, 'no such thing');
    seen.events.push(event);
  },
  recordRefusal: ({ code }, { idempotency }) => {
    const event = { ...eventOf({ code }), id: idempotency.key, type: 'com.microbank.transaction.refused' };
    return Promise.resolve(committed(undefined, event));
  },
}));

function csvOf(id: number): Document {
  const filename = `thing "${id}".csv`;
  return { kind: 'document', contentType: 'text/csv; charset=utf-8', filename, body: 'id\r\n7\r\n' };
}

async function make(size: number, name: string, more: object): Promise<Record<string, unknown>> {
  await sleep(1);
  if (size === 13)
    throw new Refusal('thing_unlucky', 422, 'thirteen', { errors: [{ pointer: '/size', detail: 'thirteen' }] });
  if (size === 500) throw new Error('broke after a while, at select secret from vault');
  if (size === 57)
    throw Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' });
  return { size, name, ...more };
}

function eventOf(data: unknown): OutboxEvent {
  return {
    id: '0198f6d2-0000-7000-8000-000000000001',
    type: 'com.microbank.transaction.completed',
    source: '/microbank/things',
    subject: 'things/7',
    time: '2026-11-23T08:00:00.000Z',
    data,
    partitionkey: '7',
    sequence: '00000000000000000001',
    traceparent: null,
  };
}

async function* ticks(from: number, signal: AbortSignal) {
  signal.addEventListener('abort', () => seen.aborted++);
  for (let id = from + 1; id <= from + 2; id++) yield { id: String(id), event: 'tick', data: { text: `line\n${id}` } };
  await sleep(60_000, undefined, { signal });
}
