// Properties of events in every form, for attributes of every type: what was written is what is read, binary, structured and over AMQP.
// A failure prints the seed, the path and the shortest event found.
import { CloudEvent } from 'cloudevents';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAnyEvent } from '../../functions/shared/reading/any-event.ts';
import { readEvent as readInFunction } from '../../functions/shared/reading/event.ts';
import { readMessage, toMessage } from '../broker/amqp-message.ts';
import { readEvent, type CarriedEvent } from '../events/carried-event.ts';
import { InvalidEvent } from '../events/invalid-event.ts';
import { anyEvent, anySpoiledMessage, carried, toBinary, toStructured } from './testing/arbitrary-events.ts';
import type { Message } from './testing/doors.ts';

/** More for a longer search: PROPERTY_RUNS=5000. */
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 300);

const read = ({ headers, body }: Message): CarriedEvent | undefined => readEvent(headers, Buffer.from(body));

test('decode(encode(event)) is the event: binary over HTTP', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      expect(read(toBinary(event))).toEqual(carried(event));
    }),
    { numRuns },
  );
});

test('decode(encode(event)) is the event: structured over HTTP, with the JSON types of its attributes', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      expect(read(toStructured(event))).toEqual(carried(event));
    }),
    { numRuns },
  );
});

test('decode(encode(event)) is the event: over AMQP, also when the attributes have AMQP’s own types', () => {
  fc.assert(
    fc.property(anyEvent, fc.nat(16), (event, replies) => {
      const { content, options } = toMessage(carried(event), replies);
      const asRead = (headers: object) =>
        readMessage({ content, properties: { headers }, fields: {} } as Parameters<typeof readMessage>[0]);
      expect(asRead((options.headers ?? {}) as object)).toEqual({ event: carried(event), replies });
      const typed = Object.entries(event.attributes).map(([name, value]): [string, unknown] => [
        `cloudEvents:${name}`,
        value,
      ]);
      const contentType = event.contentType !== undefined && { 'cloudEvents:datacontenttype': event.contentType };
      expect(asRead({ ...Object.fromEntries(typed), ...contentType, replies })).toEqual({
        event: carried(event),
        replies,
      });
    }),
    { numRuns },
  );
});

test('what we take the CloudEvents SDK takes as well', () => {
  fc.assert(
    fc.property(anyEvent, ({ attributes, contentType }) => {
      const { time, ...others } = attributes;
      // Its check of times does not know every leap second; attribute-types.ts is tested beside it.
      const known = typeof time === 'string' && !time.includes(':60') ? { time } : {};
      expect(
        new CloudEvent({ ...others, ...known, ...(contentType !== undefined && { datacontenttype: contentType }) }),
      ).toBeDefined();
    }),
    { numRuns },
  );
});

test('a dead letter has the attributes that the event had, where it was valid, and never fails to be read', () => {
  fc.assert(
    fc.property(anySpoiledMessage, ({ headers, body }) => {
      const bytes = Buffer.from(body);
      const kept = readAnyEvent(headers, bytes);
      let event: ReturnType<typeof readInFunction>;
      try {
        if (readEvent(headers, bytes) === undefined) return;
        event = readInFunction(headers, bytes);
      } catch (error) {
        if (error instanceof InvalidEvent) return;
        throw error;
      }
      const { datacontenttype = 'application/json', ...own } = event.attributes;
      expect(kept.attributes).toEqual({ ...own, datacontenttype });
      expect([kept.id, kept.source, kept.type]).toEqual([event.id, event.source, event.type]);
    }),
    { numRuns },
  );
});
