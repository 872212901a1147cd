// The AsyncAPI 3.1 description of the bank's events, generated from the contracts that check them.
import { authorityAttribute } from '../../../eventing/events/command-type.ts';
import { createDataSchemas, type DataSchema, embed, type Json } from '../../../eventing/events/data-schemas.ts';
import { questionMessages, questionsTo } from './asyncapi-questions.ts';
import type { Contract } from '../contract/function.ts';
import { anyEvent, authorityHeader, cloudEventHeaders, exampleHeaders, foreignMessages } from './asyncapi-messages.ts';

/** Channels are addresses that CloudEvents are posted to: the broker's, and each function's own. */
export function createAsyncApi(contracts: readonly Contract[]): Json {
  const data = createDataSchemas(contracts);
  const taking = contracts.filter(({ command, consumes, answers }) => command ?? consumes ?? answers);
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'microbank events',
      version: '1.0.0',
      description:
        'CloudEvents 1.0 over HTTP, in binary or structured mode; what is described here is binary mode. Delivery is at least ' +
        'once: `source` and `id` identify an event for ever, and a second delivery changes nothing.',
      tags: [
        { name: 'commands', description: 'What somebody asks for' },
        { name: 'events', description: 'Facts, told once they are committed' },
      ],
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: describeServers(taking),
    channels: {
      broker: {
        title: 'The broker',
        description:
          'Takes one event per request: 202 once it is safe, 400 when it is no valid CloudEvent, 503 for later.',
        address: '/',
        servers: [{ $ref: '#/servers/broker' }],
        messages: refsTo(data.map(({ type }) => type)),
      },
      ...Object.fromEntries(taking.flatMap(describeChannels)),
    },
    operations: { ...Object.fromEntries(contracts.flatMap(describeOperations)), commands: describeCommands(data) },
    components: {
      messages: { ...Object.fromEntries(data.map(describeMessage)), ...questionMessages, ...foreignMessages },
      schemas: {
        CloudEvent: cloudEventHeaders,
        ...Object.fromEntries(data.map(({ type, schema }) => [type, embed(schema)])),
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'From POST /api/sessions' },
        authority: {
          type: 'httpApiKey',
          name: `ce-${authorityAttribute}`,
          in: 'header',
          description:
            'From POST /api/command-authorities, for this one command; the only one that a broker carries on',
        },
      },
    },
  };
}

/** By the broker, whose Triggers bring each to its function. */
function describeCommands(data: readonly DataSchema[]): Json {
  const types = data.filter(({ direction }) => direction === 'taken').map(({ type }) => type);
  const summary = 'Commands on the way to their functions; what comes of each is told as an event, with the same trace';
  const description =
    'A command needs the authority of whoever wants it. What the bank says no to is told as com.microbank.transaction.refused.';
  return { ...receive('broker', types), summary, description, security: [authority] };
}

function describeServers(taking: readonly Contract[]): Json {
  return {
    broker: {
      host: 'bank-broker-ingress.microbank.svc.cluster.local',
      protocol: 'http',
      description: 'The Broker on a cluster; elsewhere the address in BROKER_URL',
    },
    functions: {
      host: '{function}.microbank.svc.cluster.local',
      protocol: 'http',
      description: 'One Knative Service per function',
      variables: { function: { enum: taking.map(({ name }) => name), description: 'The name of its channel' } },
    },
  };
}

function describeChannels(contract: Contract): [string, Json][] {
  const { name, summary, command, consumes = [], emits = [] } = contract;
  const questions = questionsTo(contract);
  const taken = [...(command ? [command.type] : []), ...consumes.map(messageOf)];
  const channel = {
    title: name,
    description: summary,
    address: '/',
    servers: [{ $ref: '#/servers/functions' }],
    messages: refsTo([...taken, ...questions.map(({ requested }) => requested)]),
  };
  const replies = {
    title: `Answers of ${name}`,
    description: command
      ? 'The body of the HTTP answer: the very event that the broker gets as well, with the same source and id.'
      : 'The body of the HTTP answer; the broker has no part in this.',
    address: null,
    messages: refsTo([...(command ? emits : []), ...questions.map(({ given }) => given)]),
  };
  const hasReplies = command !== undefined || questions.length > 0;
  return [[name, channel], ...(hasReplies ? [[`${name}.replies`, replies] as [string, Json]] : [])];
}

function describeOperations(contract: Contract): [string, Json][] {
  const { name, summary, command, consumes = [], emits = [] } = contract;
  const operations: [string, Json][] = [];
  if (command) {
    const reply = replyOf(name, emits);
    operations.push([
      `${name}.takes`,
      {
        ...receive(name, [command.type]),
        summary,
        description: `Takes ${command.type} and answers with the event that it causes, which the broker gets as well.`,
        security: [bearer, authority],
        reply,
      },
    ]);
  }
  for (const { requested, given } of questionsTo(contract)) {
    const about = {
      summary: `Answers ${requested}`,
      description: `A question between functions, answered at once with ${given}; no broker carries it.`,
      reply: replyOf(name, [given]),
    };
    operations.push([`${name}.answers.${requested}`, { ...receive(name, [requested]), ...about }]);
  }
  if (consumes.length > 0) {
    const description = 'What the Triggers bring, at least once; a second delivery changes nothing.';
    operations.push([`${name}.consumes`, { ...receive(name, consumes.map(messageOf)), summary, description }]);
  }
  if (emits.length > 0) {
    const about = {
      action: 'send',
      summary: `What ${name} tells the broker once it is committed`,
      description:
        'From the outbox, at least once and in the order of its partition key; told again until the consumers have it.',
      bindings: post,
    };
    operations.push([
      `${name}.emits`,
      { ...about, channel: { $ref: '#/channels/broker' }, messages: inChannel('broker', emits) },
    ]);
  }
  return operations;
}

const bearer = { $ref: '#/components/securitySchemes/bearer' };
const authority = { $ref: '#/components/securitySchemes/authority' };
const post = { http: { method: 'POST', bindingVersion: '0.3.0' } };

function receive(channel: string, types: readonly string[]): Json {
  return {
    action: 'receive',
    channel: { $ref: `#/channels/${channel}` },
    messages: inChannel(channel, types),
    bindings: post,
  };
}

function replyOf(name: string, types: readonly string[]): Json {
  const channel = `${name}.replies`;
  return { channel: { $ref: `#/channels/${channel}` }, messages: inChannel(channel, types) };
}

function describeMessage({ type, dataschema, summary, example, direction }: DataSchema): [string, Json] {
  const given = direction === 'given';
  const constants = {
    'ce-type': { const: type },
    ...(given ? { 'ce-dataschema': { const: dataschema } } : { [`ce-${authorityAttribute}`]: authorityHeader }),
  };
  const always = given ? ['ce-subject', 'ce-time', 'ce-dataschema', 'ce-partitionkey', 'ce-sequence'] : [];
  const headers = exampleHeaders(type, given ? { 'ce-dataschema': dataschema } : undefined);
  const message = {
    name: type,
    title: type,
    summary,
    contentType: 'application/json',
    headers: {
      type: 'object',
      allOf: [{ $ref: '#/components/schemas/CloudEvent' }],
      properties: constants,
      required: always,
    },
    payload: { $ref: `#/components/schemas/${type}` },
    ...(example !== undefined && { examples: [{ name: 'example', headers, payload: example }] }),
  };
  return [type, message];
}

function messageOf(type: string): string {
  return type === '*' ? anyEvent : type;
}

function refsTo(types: readonly string[]): Json {
  return Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }]));
}

function inChannel(channel: string, types: readonly string[]): Json[] {
  return types.map((type) => ({ $ref: `#/channels/${channel}/messages/${type}` }));
}
