// The shape of an event's contract: its type, its schema's address, the schema itself and one example.
import type * as z from 'zod';

export type EventContract<S extends z.ZodObject = z.ZodObject> = {
  /** `com.microbank.…`, past tense. A changed meaning is a new type; the old one stays. */
  type: string;
  /** Where the JSON Schema of `data` is published; the CloudEvent carries it. */
  dataschema: string;
  summary: string;
  data: S;
  example: z.output<S>;
};

/** Ties an example to its schema; the address follows from the type and the schema's version. */
export function defineEvent<S extends z.ZodObject>(
  event: Omit<EventContract<S>, 'dataschema'>,
  version = 1,
): EventContract<S> {
  return { ...event, dataschema: dataschemaOf(event.type, version) };
}

/** Ends in the name that the schema's file has in eventing/contracts. */
export function dataschemaOf(type: string, version = 1): string {
  return `https://microbank.dev/schemas/${type}.v${version}.json`;
}
