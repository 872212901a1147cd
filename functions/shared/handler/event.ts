// An event on its way into a function.

/** An event as it reaches a consumer. `source` + `id` identify it for ever. */
export type IncomingEvent = {
  id: string;
  source: string;
  type: string;
  subject: string | undefined;
  time: string | undefined;
  data: unknown;
  traceparent: string | undefined;
  /** All other extension attributes, e.g. `partitionkey`, `sequence`, `knativeerrorcode`. */
  extensions: Readonly<Record<string, string>>;
  /** Whether its own context has signed it; only for functions that take events of every type. Others get no event that is not. */
  verified?: boolean;
  /** The data as it came; only for functions that take events of every type, broken ones too. */
  raw?: { contentType: string | undefined; dataschema: string | undefined; body: Buffer };
};
