// JSON Schemas of the data of every event and command, made from the zod schemas that check them.
import * as z from 'zod';
import type { Contract, Route } from '../../functions/shared/contract/function.ts';
import { portable } from '../../functions/shared/contract/portable-pattern.ts';
import { bankEvents } from './bank-events.ts';
import { dataschemaOf, type EventContract } from './event-contract.ts';

export type Json = Record<string, unknown>;

export type DataSchema = {
  type: string;
  /** `given`: what this bank emits; `taken`: what it accepts. They may change in opposite directions. */
  direction: 'given' | 'taken';
  /** Also the schema's `$id`. */
  dataschema: string;
  summary: string;
  /** JSON Schema 2020-12. */
  schema: Json;
  example: unknown;
};

/** All of them, events first. */
export function createDataSchemas(
  contracts: readonly Contract[],
  events: readonly EventContract[] = bankEvents,
): DataSchema[] {
  return [...events.map(describeEvent), ...contracts.flatMap(describeCommand)];
}

function describeEvent({ type, dataschema, summary, data, example }: EventContract): DataSchema {
  const schema = toJsonSchema(data, 'output');
  return complete({ type, direction: 'given', dataschema, summary, example }, schema);
}

/** Its data is what the route takes in its path and its body, side by side. */
function describeCommand({ command, routes }: Contract): DataSchema[] {
  if (!command) return [];
  const route = (routes as Readonly<Record<string, Route>>)[command.route];
  if (!route) throw new Error(`${command.type} names ${command.route}, which is no route of its function`);
  const fields = z.strictObject({ ...route.params?.shape, ...route.body?.shape });
  const schema = toJsonSchema(fields.meta(route.body?.meta() ?? {}), 'input');
  const about = { type: command.type, dataschema: dataschemaOf(command.type), summary: route.summary };
  return [complete({ ...about, direction: 'taken', example: route.example?.command }, schema)];
}

function complete(about: Omit<DataSchema, 'schema'>, { $schema, ...schema }: Json): DataSchema {
  const { type: title, dataschema: $id, summary: description, example } = about;
  const examples = example === undefined ? {} : { examples: [example] };
  return { ...about, schema: { $schema, $id, title, description, ...schema, ...examples } };
}

/** JSON Schema 2020-12 of what may come in, or of what goes out. */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  return z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      portable({ zodSchema, jsonSchema });
      if ('example' in jsonSchema) {
        Object.assign(jsonSchema, { examples: [jsonSchema['example']] });
        delete jsonSchema['example'];
      }
      // An event may get more fields without becoming another: whoever reads it leaves out what they do not know.
      if (io === 'output') delete jsonSchema.additionalProperties;
    },
  });
}

/** A schema inside a larger document is found by its place, so it goes without its dialect and an address of its own. */
export function embed(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !name.startsWith('$')));
}
