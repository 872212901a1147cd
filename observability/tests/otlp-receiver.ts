// Takes spans as any collector does, by OTLP over HTTP in both of its forms, compressed or not, and keeps them.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { readTraceRequest, type KeyValue, type Sent } from './otlp-protobuf.ts';

export type ReceivedSpan = {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  attributes: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Span ids. */
  links: readonly string[];
  failed: boolean;
  /** What the process that sent it says of itself. */
  resource: Readonly<Record<string, string | number | boolean | undefined>>;
};

export type OtlpReceiver = {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  spans: readonly ReceivedSpan[];
  close: () => Promise<void>;
};

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const statusOfError = 2;

/** On any free port; `host` 0.0.0.0 for what is sent from a cluster. */
export async function startOtlpReceiver(host = '127.0.0.1'): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const sent = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      const { 'content-type': type = '' } = request.headers;
      const readers: Record<string, (() => Sent) | undefined> = {
        'application/json': () => JSON.parse(body.toString()) as Sent,
        'application/x-protobuf': () => readTraceRequest(body),
      };
      const readBody = request.url === '/v1/traces' ? readers[type] : undefined;
      if (readBody) spans.push(...spansOf(readBody()));
      // An empty answer is one without complaints, in both forms.
      response.writeHead(readBody ? 200 : 404, { 'content-type': type });
      response.end(type === 'application/json' ? '{}' : '');
    })();
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function spansOf({ resourceSpans }: Sent): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ traceId, spanId, parentSpanId, name, kind, attributes, links = [], status }) => ({
        ...{ traceId, spanId, name },
        parentSpanId: parentSpanId === '' ? undefined : parentSpanId,
        kind: kinds[kind] ?? 'internal',
        attributes: valuesOf(attributes),
        links: links.map((link) => link.spanId),
        failed: status?.code === statusOfError,
        resource: valuesOf(resource.attributes),
      })),
    ),
  );
}

function valuesOf(attributes: readonly KeyValue[] = []): ReceivedSpan['attributes'] {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, boolValue, doubleValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? undefined : Number(intValue)) ?? boolValue ?? doubleValue,
    ]),
  );
}

/** The spans of a trace as a tree, a line each, indented by their parents: `server POST /deposits`. Children in the order of their lines. */
export function drawTrace(spans: readonly ReceivedSpan[]): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const linesBelow = (parent: string | undefined, indent: string): string[] =>
    spans
      .filter(({ parentSpanId = '' }) => (parent === undefined ? !ids.has(parentSpanId) : parentSpanId === parent))
      .map((span) => [`${indent}${span.kind} ${span.name}`, ...linesBelow(span.spanId, `${indent}  `)])
      .sort(([a = ''], [b = '']) => (a < b ? -1 : 1))
      .flat();
  return linesBelow(undefined, '');
}
