// Dashboards as pictures: what is not known is neither drawn nor made up, and what is wrong is red.
import { expect, test } from 'vitest';
import type { Dashboard, Panel } from '../dashboards/spec.ts';
import { pageOf } from './page.ts';
import type { PanelData, Series } from './panel-data.ts';

const span = { from: 0, to: 60_000, scrapeSeconds: 10 };
const lines: Panel = {
  title: 'Requests',
  description: 'Requests a second.',
  kind: 'time-series',
  unit: 'reqps',
  queries: [{ expr: 'up', legend: '{{job}}' }],
};
const series = (name: string, ...values: (number | undefined)[]): Series => ({
  name,
  points: values.flatMap((value, index) => (value === undefined ? [] : [{ at: index * 10_000, value }])),
});
const draw = (panel: Panel, ...all: Series[]): string => {
  const dashboard: Dashboard = {
    uid: 'one',
    title: 'One',
    description: 'One.',
    rows: [{ title: 'Row', panels: [panel] }],
  };
  const data: PanelData[][] = [[{ panel, series: all }]];
  return pageOf(dashboard, data, span);
};

test('a line breaks where its query had no answer', () => {
  const strokes = (page: string) => /<path d="([^"]*)" fill="none"/.exec(page)?.[1] ?? '';
  expect(strokes(draw(lines, series('a', 1, 2, 3, 2))).match(/M/g)).toHaveLength(1);
  expect(strokes(draw(lines, series('a', 1, 2, undefined, undefined, 3, 2))).match(/M/g)).toHaveLength(2);
  expect(strokes(draw(lines, series('a', 1, NaN, 3, 2))).match(/M/g)).toHaveLength(2);
});

test('a panel without data says so, or what its emptiness means', () => {
  expect(draw(lines)).toContain('>no data<');
  expect(draw({ ...lines, emptyMeans: 'Nothing was refused' })).toContain('>Nothing was refused<');
});

test.each<[Partial<Panel>, number, string]>([
  [{ redFrom: 1 }, 0, '#3f9142'],
  [{ redFrom: 1 }, 1, '#c4162a'],
  [{ greenFrom: 0.9 }, 0.5, '#c4162a'],
  [{ greenFrom: 0.9 }, 0.9, '#3f9142'],
  [{}, 5, '#1f78c1'],
])('%o of %d is %s', (limits, value, colour) => {
  const panel: Panel = { ...lines, ...limits, kind: 'stat', unit: 'short' };
  expect(draw(panel, series('a', value))).toContain(`<div class="stat" style="color:${colour}">${value}`);
});

test.each([
  ['s', 0.0123, '12.3 ms'],
  ['s', 2.5, '2.5 s'],
  ['bytes', 64 * 1024 * 1024, '64 MiB'],
  ['percentunit', 0.125, '12.5 %'],
  ['short', 12_345, '12.3K'],
  ['short', NaN, 'NaN'],
])('%s: %d is written %s', (unit, value, text) => {
  expect(draw({ ...lines, kind: 'stat', unit }, series('a', value))).toContain(`>${text}<small>`);
});

test('names are text, whatever is in them', () => {
  expect(draw(lines, series('<b>"a"</b>', 1))).toContain('&lt;b>&quot;a&quot;&lt;/b>');
});
