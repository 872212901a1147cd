// What Prometheus may know about a process, read when it asks. Served beside the functions, never through them.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Gauge, Metric, Registry } from 'prom-client';
import { commonHeaders } from '../contract/headers.ts';

/** Labels have few values, known beforehand: each combination is a series for as long as the process lives. */
export type Sample = {
  /** After the metric's own name, as a histogram's samples have it: `_bucket`. */
  suffix?: string;
  labels?: Readonly<Record<string, string>>;
  value: number;
};

type Family = { name: string; help: string; type: 'counter' | 'histogram' };

export type Metrics = {
  /**
   * A gauge with its reader; the same name again replaces the reader. A reader that fails leaves the gauge out, rather than stale; so does
   * one that takes too long, rather than the whole scrape: a database that hangs is what the other numbers are to tell of.
   */
  gauge: (gauge: { name: string; help: string; labels?: readonly string[] }, read: () => Promise<Sample[]>) => void;
  /** Counters or a histogram that somebody else keeps in plain numbers; the same name again replaces the reader. */
  family: (family: Family, read: () => Sample[]) => void;
  /** Prometheus' text format, with the process' own metrics. */
  render: () => Promise<{ contentType: string; text: string }>;
};

type Registered = { help: string; labels: readonly string[]; read: () => Promise<Sample[]> };

/** Less than a scrape may take: 10 s by Prometheus' default, 5 s beside a local bank. */
const readMaxMs = 2_500;

/** Nothing is measured or loaded before the first scrape: a cold start pays for none of it. */
export function createMetrics(log: Logger): Metrics {
  const registered = new Map<string, Registered>();
  const families = new Map<string, { family: Family; read: () => Sample[] }>();
  let opened: Promise<Opened> | undefined;

  async function update({ registry, make }: Opened, name: string, { help, labels, read }: Registered): Promise<void> {
    const gauge = (registry.getSingleMetric(name) as Gauge | undefined) ?? make(name, help, labels);
    gauge.reset();
    try {
      const samples = await inTime(read());
      for (const { labels: values = {}, value } of samples) gauge.set(values, value);
    } catch (error) {
      registry.removeSingleMetric(name);
      log.warn({ err: error, metric: name }, 'metric could not be read');
    }
  }

  return {
    gauge({ name, help, labels = [] }, read) {
      registered.set(name, { help, labels, read });
    },
    family(family, read) {
      families.set(family.name, { family, read });
    },
    async render() {
      const metrics = await (opened ??= openRegistry());
      for (const { family, read } of families.values()) showFamily(metrics.registry, family, read);
      await Promise.all([...registered].map(([name, gauge]) => update(metrics, name, gauge)));
      return { contentType: metrics.registry.contentType, text: await metrics.registry.metrics() };
    },
  };
}

async function inTime<T>(reading: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not read within ${readMaxMs} ms`)), readMaxMs);
  });
  return Promise.race([reading, late]).finally(() => clearTimeout(timer));
}

type Opened = { registry: Registry; make: (name: string, help: string, labels: readonly string[]) => Gauge };

async function openRegistry(): Promise<Opened> {
  const { default: prometheus } = await import('prom-client');
  const registry = new prometheus.Registry();
  prometheus.collectDefaultMetrics({ register: registry });
  const make: Opened['make'] = (name, help, labelNames) =>
    new prometheus.Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  return { registry, make };
}

/** A registry asks a metric for no more than this. prom-client's own counters and histograms would count every request once more. */
function showFamily(registry: Registry, family: Family, read: () => Sample[]): void {
  const { name } = family;
  const values = () =>
    read().map(({ suffix = '', labels = {}, value }) => ({ metricName: name + suffix, labels, value }));
  registry.removeSingleMetric(name);
  registry.registerMetric({ name, get: () => Promise.resolve({ ...family, values: values() }) } as unknown as Metric);
}

/** Answers GET with the metrics; nothing in them is secret, but the edge does not lead here. */
export function answerMetrics(metrics: Metrics, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET') {
    response.writeHead(405, { ...commonHeaders, allow: 'GET', 'content-length': 0 }).end();
    return;
  }
  metrics.render().then(
    ({ contentType, text }) => {
      const headers = { ...commonHeaders, 'content-type': contentType, 'cache-control': 'no-store' };
      response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
    },
    () => response.writeHead(500, { ...commonHeaders, 'content-length': 0 }).end(),
  );
}
