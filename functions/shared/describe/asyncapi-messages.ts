// CloudEvents as HTTP headers, written by hand: AsyncAPI's own CloudEvents traits are for Kafka only. And events of other makers.
import type { Json } from '../../../eventing/events/data-schemas.ts';

const text = (description: string): Json => ({ type: 'string', minLength: 1, description });

/** Binary mode: attributes and extensions as `ce-` headers, percent-encoded where a header cannot hold them. */
export const cloudEventHeaders: Json = {
  type: 'object',
  description:
    'A CloudEvent 1.0 in binary mode: attributes as headers, percent-encoded where needed; data as the body.',
  required: ['ce-specversion', 'ce-id', 'ce-source', 'ce-type'],
  properties: {
    'content-type': { type: 'string', description: 'Of the data' },
    'ce-specversion': { type: 'string', const: '1.0' },
    'ce-id': text('Unique with its source, for ever; of this bank’s events a UUIDv7'),
    'ce-source': text('`/microbank/<function>` for this bank’s events'),
    'ce-type': text('`com.microbank.…`'),
    'ce-subject': text('What it is about, e.g. `transactions/2`'),
    'ce-time': { type: 'string', format: 'date-time', description: 'When it was committed' },
    'ce-dataschema': { type: 'string', format: 'uri', description: 'The JSON Schema of the data' },
    'ce-traceparent': {
      type: 'string',
      pattern: '^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
      description: 'W3C trace context of the request that caused it',
    },
    'ce-partitionkey': text('The account or user whose events keep their order'),
    'ce-sequence': {
      type: 'string',
      pattern: '^[0-9]{20}$',
      description: 'Place in that order, padded so that it sorts as text',
    },
  },
};

/** Of commands only. */
export const authorityHeader: Json = text(
  'Who wants it: a JWT from POST /api/command-authorities. Only where a bearer token is sent instead it may be left out',
);

export function exampleHeaders(type: string, given?: Record<string, string>): Record<string, string> {
  const headers = {
    'content-type': 'application/json',
    'ce-specversion': '1.0',
    'ce-id': '0193511f-7a5e-7000-8000-000000000001',
    'ce-type': type,
    'ce-traceparent': '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
  if (!given) return { ...headers, 'ce-source': '/branches/12' };
  return {
    ...headers,
    ...given,
    'ce-source': '/microbank/function',
    'ce-subject': 'accounts/7',
    'ce-time': '2026-11-22T10:17:00.000Z',
    'ce-partitionkey': '7',
    'ce-sequence': '00000000000000000002',
  };
}

/** In the place of a type: what the broker could not deliver, whatever it is. */
export const anyEvent = 'any';

export const foreignMessages: Json = {
  'dev.knative.sources.ping': {
    name: 'dev.knative.sources.ping',
    title: 'dev.knative.sources.ping',
    summary: 'The tick of a PingSource; its data is not read.',
    headers: {
      type: 'object',
      allOf: [{ $ref: '#/components/schemas/CloudEvent' }],
      properties: { 'ce-type': { const: 'dev.knative.sources.ping' } },
    },
    payload: {},
  },
  [anyEvent]: {
    name: anyEvent,
    title: 'Any event',
    summary: 'An event that the broker gave up on, as it was, with the reason.',
    headers: {
      type: 'object',
      allOf: [{ $ref: '#/components/schemas/CloudEvent' }],
      properties: {
        'ce-knativeerrordest': text('Who did not take it'),
        'ce-knativeerrorcode': {
          type: 'string',
          pattern: '^-?[0-9]+$',
          description: 'The last status; -1 for no answer',
        },
        'ce-knativeerrordata': text('The beginning of the last answer; not every broker sends it'),
      },
      required: ['ce-knativeerrordest', 'ce-knativeerrorcode'],
    },
    payload: {},
  },
};
