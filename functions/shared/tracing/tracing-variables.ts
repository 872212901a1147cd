// Whether spans are wanted, by OpenTelemetry's own variables: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
// The SDK reads them itself. Those that it would only warn of, where nobody reads it, are checked here, with the other settings.
import * as z from 'zod';

const endpoint = z.url({ protocol: /^https?$/, error: 'is no http:// or https:// address' });
const protocols = ['http/protobuf', 'http/json', 'grpc'];
const samplers = ['always_on', 'always_off', 'traceidratio'].flatMap((name) => [name, `parentbased_${name}`]);

export const tracingVariables = {
  OTEL_SDK_DISABLED: z.string().optional(),
  OTEL_TRACES_EXPORTER: oneOf(['otlp', 'console', 'none']),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint.optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(protocols),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: oneOf(protocols),
  OTEL_TRACES_SAMPLER: oneOf(samplers),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number('is no number').min(0).max(1).optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: z.string().optional(),
};

type Read = z.output<z.ZodObject<typeof tracingVariables>>;

/** What a process tells of itself with each span. */
export type Tracing = { resource: Readonly<Record<string, string>> };

/** Who a process is where the variables do not say so; `service.name` has to be in it. */
export type Service = { 'service.name': string } & Readonly<Record<string, string>>;

/**
 * Undefined where nobody wants spans: tracing is on where a place to send them to, or an exporter, is named, and off everywhere else.
 * `OTEL_TRACES_EXPORTER=none` and `OTEL_SDK_DISABLED=true` turn it off again.
 */
export function tracingFrom(read: Read, service: Service): Tracing | undefined {
  if (read.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true' || read.OTEL_TRACES_EXPORTER === 'none') return undefined;
  const isAsked =
    read.OTEL_TRACES_EXPORTER ?? read.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? read.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (isAsked === undefined) return undefined;
  const said = new Set((read.OTEL_RESOURCE_ATTRIBUTES ?? '').split(',').map((pair) => pair.split('=', 1)[0]?.trim()));
  if (read.OTEL_SERVICE_NAME !== undefined) said.add('service.name');
  return { resource: Object.fromEntries(Object.entries(service).filter(([name]) => !said.has(name))) };
}

function oneOf(values: readonly string[]) {
  return z.enum(values, `is none of ${values.join(', ')}`).optional();
}
