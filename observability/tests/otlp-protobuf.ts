// Spans out of OTLP's binary form, as far as the tests look at them. Field numbers: opentelemetry-proto,
// opentelemetry/proto/collector/trace/v1/trace_service.proto and opentelemetry/proto/trace/v1/trace.proto.

type Value = { stringValue?: string; intValue?: string | number; boolValue?: boolean; doubleValue?: number };
export type KeyValue = { key: string; value: Value & { arrayValue?: { values: Value[] } } };
type SentSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes?: KeyValue[];
  links?: { traceId: string; spanId: string }[];
  status?: { code?: number };
};
/** In its JSON form. */
export type Sent = { resourceSpans: { resource: { attributes?: KeyValue[] }; scopeSpans: { spans: SentSpan[] }[] }[] };

type Fields = ReadonlyMap<number, readonly (Buffer | bigint)[]>;

/** An ExportTraceServiceRequest as its JSON form has it. @throws for what is no protobuf. */
export function readTraceRequest(bytes: Buffer): Sent {
  return {
    resourceSpans: messages(fieldsOf(bytes), 1).map((resourceSpans) => ({
      resource: { attributes: messages(resourceSpans, 1).flatMap((resource) => attributesOf(resource, 1)) },
      scopeSpans: messages(resourceSpans, 2).map((scopeSpans) => ({ spans: messages(scopeSpans, 2).map(spanOf) })),
    })),
  };
}

function spanOf(span: Fields): SentSpan {
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    kind: number(span, 6),
    attributes: attributesOf(span, 9),
    links: messages(span, 13).map((link) => ({ traceId: hex(link, 1), spanId: hex(link, 2) })),
    status: { code: number(messages(span, 15)[0] ?? new Map(), 3) },
  };
}

function attributesOf(fields: Fields, field: number): NonNullable<SentSpan['attributes']> {
  return messages(fields, field).map((pair) => {
    const value = messages(pair, 2)[0] ?? new Map();
    const key = text(pair, 1);
    if (value.has(1)) return { key, value: { stringValue: text(value, 1) } };
    if (value.has(2)) return { key, value: { boolValue: number(value, 2) === 1 } };
    if (value.has(3)) return { key, value: { intValue: number(value, 3) } };
    return { key, value: {} }; // Doubles, lists and maps: nothing that is looked at.
  });
}

const messages = (fields: Fields, field: number): Fields[] =>
  (fields.get(field) ?? []).filter((value) => Buffer.isBuffer(value)).map(fieldsOf);
const bytes = (fields: Fields, field: number): Buffer => {
  const value = fields.get(field)?.at(-1);
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
};
const text = (fields: Fields, field: number): string => bytes(fields, field).toString('utf8');
const hex = (fields: Fields, field: number): string => bytes(fields, field).toString('hex');
const number = (fields: Fields, field: number): number => Number(fields.get(field)?.at(-1) ?? 0n);

/** https://protobuf.dev/programming-guides/encoding/ */
function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, (Buffer | bigint)[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('the message ends within a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > message.length) throw new Error('the message ends within a field');
    return message.subarray(at, (at += length));
  };
  while (at < message.length) {
    const tag = Number(varint());
    const wireType = tag & 7;
    let value: Buffer | bigint;
    if (wireType === 0) value = varint();
    else if (wireType === 1) value = take(8).readBigUInt64LE();
    else if (wireType === 2) value = take(Number(varint()));
    else if (wireType === 5) value = BigInt(take(4).readUInt32LE());
    else throw new Error(`there is no wire type ${wireType}`);
    const field = tag >>> 3;
    fields.set(field, [...(fields.get(field) ?? []), value]);
  }
  return fields;
}
