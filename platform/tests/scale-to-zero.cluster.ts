// Scale to zero, seen by the Prometheus beside the bank: a function that nobody asks is asked once, and the dashboard's own queries show it going
// from none to one and back, its cold start and its request. Then every panel of every dashboard, and every recording rule, is asked.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { dashboards } from '../../observability/dashboards/all.ts';
import { scaleToZero } from '../../observability/dashboards/scale-to-zero.ts';
import { readDashboard, type Series } from '../../observability/pictures/panel-data.ts';
import { ask } from '../../observability/tests/prometheus.ts';
import { atZero, findBank } from './testing/bank.ts';
import { note, seconds } from './testing/figures.ts';
import { list, portForward } from './testing/kubectl.ts';
import { underLoad } from './testing/load.ts';

/** Asked by people alone: no event and no tick wakes it. */
const asked = { name: 'read-transactions', path: '/transactions?limit=1' };
/** A window of a minute, half a minute's grace, and what a busy cluster needs besides. */
const toZeroMs = 240_000;
const scrapeSeconds = 10;

let began: number;
let prometheus: string;
beforeAll(async () => {
  const forwarded = await portForward('prometheus', 9090, 'monitoring');
  prometheus = forwarded.url;
  return () => forwarded[Symbol.asyncDispose]();
});

test('one request wakes a function, and everything of it is seen: copies, cold start, request, and that it goes', async () => {
  const bank = await findBank();
  const token = await bank.teller.token();
  const askOnce = () => bank.api.send({ method: 'GET', path: asked.path, token });
  // A counter has to be there before it can rise: an activator that has just started has none for this function.
  await atZero(toZeroMs, [asked.name]);
  await askOnce();
  await atZero(toZeroMs, [asked.name]);
  // The zero is scraped, and so is the counter.
  await sleep(2 * scrapeSeconds * 1_000);
  const requests = `sum(http_server_request_duration_seconds_count{job="activator",kn_service_name="${asked.name}"}) or vector(0)`;
  const before = await valueOf(requests);

  began = Date.now() - scrapeSeconds * 1_000;
  const { status } = await askOnce();
  const tookMs = Date.now() - began - scrapeSeconds * 1_000;
  expect(status).toBe(200);
  await note('scale-to-zero', `${asked.name} from none to its answer`, seconds(tookMs));
  // One that was sent again while the function woke up counts as well.
  await expect.poll(() => valueOf(requests), { timeout: 30_000, interval: 2_000 }).toBeGreaterThan(before);

  const gone = await atZero(toZeroMs, [asked.name]);
  await note('scale-to-zero', `${asked.name} from its answer to none`, `${gone.toFixed(0)} s`);
  await sleep(2 * scrapeSeconds * 1_000);

  const panels = (await readDashboard(prometheus, scaleToZero, { from: began, to: Date.now(), scrapeSeconds })).flat();
  const of = (title: string): Series => {
    const { series = [] } = panels.find(({ panel }) => panel.title === title) ?? {};
    const found = series.find(({ name }) => name.startsWith(asked.name));
    if (found === undefined) throw new Error(`${title} has no series of ${asked.name}`);
    return found;
  };
  for (const title of ['Copies Wanted', 'Copies Ready']) {
    // Whoever else uses the bank may wake it again.
    expect(stepsOf(of(title)).slice(0, 3), title).toEqual([0, 1, 0]);
  }
  const starts = of('Cold Start of a Copy').points.map(({ value }) => value);
  expect(Math.max(...starts)).toBeGreaterThan(0);
  await note('scale-to-zero', 'of that its process, to its first answer', seconds(Math.max(...starts) * 1_000));
  const waits = of('Activation Latency (p95)').points.filter(({ value }) => Number.isFinite(value));
  expect(waits.length).toBeGreaterThan(0);
  expect(of('Transitions in the Last Hour').points[0]?.value).toBeGreaterThanOrEqual(2);
});

test('every panel of every dashboard has data, with the labels that its legend shows', async () => {
  await underLoad({ rate: 4, seconds: 45 }, async () => {});
  const silent = ['laptop', ...((await brokerShowsMetrics()) ? [] : ['dispatchers'])];
  const empty: string[] = [];
  for (const { title, rows } of dashboards) {
    for (const panel of rows.flatMap((row) => row.panels)) {
      if (silent.includes(panel.source ?? '')) continue;
      for (const { expr, legend } of panel.queries) {
        const points = await ask(prometheus, expr, '5m');
        if (points.length === 0 && panel.emptyMeans === undefined) empty.push(`${title} · ${panel.title}: ${expr}`);
        const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label as string);
        for (const { labels } of points)
          expect(Object.keys(labels), panel.title).toEqual(expect.arrayContaining(shown));
      }
    }
  }
  expect(empty).toEqual([]);
});

test('every recording rule has a value, and no scrape fails', async () => {
  const file = new URL('../../observability/rules/recording.yaml', import.meta.url);
  const { groups } = parse(await readFile(file, 'utf8')) as { groups: { rules: { record: string }[] }[] };
  for (const { record } of groups.flatMap(({ rules }) => rules))
    expect(await ask(prometheus, record), record).not.toEqual([]);
  // A copy that has just gone may still be asked.
  const silent = (await brokerShowsMetrics()) ? '' : ',job!="broker"';
  const failing = await ask(prometheus, `max_over_time(up{job!="bank"${silent}}[2m]) == 0`);
  expect(failing.map(({ labels }) => labels)).toEqual([]);
  expect(await ask(prometheus, 'max_over_time(up{job="bank"}[10m]) == 1')).not.toEqual([]);
});

/** A Broker whose Service has no port for metrics tells none. */
async function brokerShowsMetrics(): Promise<boolean> {
  const [service] = (await list('services')).filter(({ metadata }) => metadata.name === 'bank-broker-ingress');
  const { ports } = service?.spec as { ports: { port: number }[] };
  return ports.some(({ port }) => port === 9090);
}

async function valueOf(query: string): Promise<number> {
  return (await ask(prometheus, query))[0]?.value ?? NaN;
}

/** The values without their repetitions, more than one copy counted as one. */
function stepsOf({ points }: Series): number[] {
  const values = points.map(({ value }) => Math.min(value, 1));
  return values.filter((value, index) => value !== values[index - 1]);
}
