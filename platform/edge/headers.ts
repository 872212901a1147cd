// Which of a client's headers reach a function: these and no others. What Knative, Envoy and proxies take for the platform's own word
// (k-…, x-envoy-retry-on, forwarded, x-real-ip and whatever comes next) can't be forged when only known names pass.

/** Passed on as they came. A test finds the ones that functions read. */
export const passedHeaders = [
  'accept',
  'authorization',
  'content-encoding', // Refused by functions, with words that say so.
  'content-type',
  'cookie',
  'idempotency-key',
  'if-none-match',
  'last-event-id',
  'sec-fetch-site',
  'tracestate',
  'user-agent',
  'x-requested-with',
  // A command as a CloudEvent in binary mode: what the specification names, and whose it is.
  'ce-specversion',
  'ce-id',
  'ce-source',
  'ce-type',
  'ce-subject',
  'ce-time',
  'ce-dataschema',
  'ce-datacontenttype',
  'ce-authority',
] as const;

/** What functions trust, because nobody but the edge can say it. */
export const edgeHeaders: Readonly<Record<string, string>> = {
  // Envoy and the activator append theirs, and functions count the first.
  'x-forwarded-for': '$remote_addr',
  'x-forwarded-proto': '$scheme',
  'x-forwarded-prefix': '/api',
  traceparent: '$traceparent',
};

/** Envoy's remarks, of no use outside. */
export const hiddenHeaders = [
  'x-envoy-upstream-service-time',
  'x-envoy-overloaded',
  'x-envoy-decorator-operation',
] as const;
