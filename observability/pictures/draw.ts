// Draws every dashboard from what a Prometheus knows, one picture each, so that panels are seen where there is no Grafana:
//   node observability/pictures/draw.ts --prometheus http://localhost:9090 --to pictures [--minutes 30] [--until 2026-11-30T06:40Z] [--scrape 10] [UID …]
// The queries are the dashboards' own; the drawing is ours, and Grafana draws it otherwise. Ends with 1 when a query was refused, and prints the
// panels that have no data.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { dashboards } from '../dashboards/all.ts';
import { readDashboard, type Span } from './panel-data.ts';
import { pageOf, pageWidth } from './page.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    prometheus: { type: 'string', default: 'http://localhost:9090' },
    to: { type: 'string', default: 'pictures' },
    minutes: { type: 'string', default: '30' },
    until: { type: 'string' },
    scrape: { type: 'string', default: '10' },
  },
});
const known = dashboards.map(({ uid }) => uid);
const unknown = positionals.filter((uid) => !known.includes(uid));
if (unknown.length > 0) throw new Error(`there is no dashboard ${unknown.join(', ')}; there are ${known.join(', ')}`);

const to = values.until === undefined ? Date.now() : Date.parse(values.until);
const minuteMs = 60_000;
const span: Span = { from: to - Number(values.minutes) * minuteMs, to, scrapeSeconds: Number(values.scrape) };
await mkdir(values.to, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage({ viewport: { width: pageWidth, height: 800 } });
  for (const dashboard of dashboards.filter(({ uid }) => positionals.length === 0 || positionals.includes(uid))) {
    const data = await readDashboard(values.prometheus, dashboard, span);
    await page.setContent(pageOf(dashboard, data, span));
    await page.screenshot({ path: join(values.to, `${dashboard.uid}.png`), fullPage: true });
    const empty = data.flat().filter(({ series }) => series.length === 0);
    const names = empty.map(
      ({ panel }) => `${panel.title}${panel.emptyMeans === undefined ? '' : ` (${panel.emptyMeans})`}`,
    );
    console.log(
      `${dashboard.uid}: ${data.flat().length} panels${names.length > 0 ? `, without data: ${names.join('; ')}` : ''}`,
    );
  }
} finally {
  await browser.close();
}
