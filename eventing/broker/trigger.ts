// A Knative Trigger manifest as a schema: what this broker honours, and nothing that it does not.
import * as z from 'zod';
import { parseDuration } from './duration.ts';

export type Trigger = {
  name: string;
  /** Attributes that an event has to have, `type` among them; compared for equality. */
  filter: Readonly<Record<string, string>>;
  subscriber: Destination;
  delivery: Delivery;
  deadLetterSink: Destination;
  /** Deliveries under way at once; 1 keeps the order of the events. */
  parallelism: number;
};

/** A Knative Service (with a path on it), or with `uri` alone an absolute address. */
export type Destination = { service: string | undefined; uri: string | undefined };

export type Delivery = {
  /** Tries after the first. */
  retry: number;
  backoffPolicy: 'linear' | 'exponential';
  backoffDelayMs: number;
  /** For one try. */
  timeoutMs: number;
};

const parallelismAnnotation = 'rabbitmq.eventing.knative.dev/parallelism';

const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: `${text} is not an ISO 8601 duration such as PT0.5S` });
  return z.NEVER;
});

const serviceRef = z.strictObject({
  apiVersion: z.literal('serving.knative.dev/v1'),
  kind: z.literal('Service'),
  name: z.string().min(1),
  namespace: z.string().optional(),
});

const destination = z
  .strictObject({ ref: serviceRef.optional(), uri: z.string().optional() })
  .refine(
    ({ ref, uri }) => ref !== undefined || /^https?:\/\//.test(uri ?? ''),
    'needs a ref to a Service, or an absolute uri',
  )
  .transform(({ ref, uri }): Destination => ({ service: ref?.name, uri }));

const parallelism = z
  .string()
  .regex(/^\d+$/, 'must be a whole number in quotes')
  .transform(Number)
  .pipe(z.int().min(1).max(1_000));

// Knative's filter takes an empty value for "any"; its RabbitMQ broker does not, so neither does this one.
const attributeValue = z.string().min(1, 'must not be empty: only exact values are honoured');

export const triggerManifest = z
  .strictObject({
    apiVersion: z.literal('eventing.knative.dev/v1'),
    kind: z.literal('Trigger'),
    metadata: z.strictObject({
      name: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a DNS label'),
      namespace: z.string().optional(),
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.looseObject({ [parallelismAnnotation]: parallelism.optional() }).optional(),
    }),
    spec: z.strictObject({
      broker: z.string().min(1),
      filter: z.strictObject({ attributes: z.object({ type: attributeValue }).catchall(attributeValue) }),
      subscriber: destination,
      delivery: z.strictObject({
        retry: z.int().min(0).max(100),
        backoffPolicy: z.enum(['linear', 'exponential']),
        backoffDelay: duration,
        timeout: duration.refine((ms) => ms > 0 && ms <= 3_600_000, 'must be more than nothing and at most PT1H'),
        deadLetterSink: destination,
      }),
    }),
  })
  .transform(({ metadata, spec }): Trigger & { broker: string } => ({
    name: metadata.name,
    broker: spec.broker,
    filter: spec.filter.attributes,
    subscriber: spec.subscriber,
    delivery: {
      retry: spec.delivery.retry,
      backoffPolicy: spec.delivery.backoffPolicy,
      backoffDelayMs: spec.delivery.backoffDelay,
      timeoutMs: spec.delivery.timeout,
    },
    deadLetterSink: spec.delivery.deadLetterSink,
    // As the RabbitMQ broker has it: one at a time, in order, unless the Trigger says otherwise.
    parallelism: metadata.annotations?.[parallelismAnnotation] ?? 1,
  }));
