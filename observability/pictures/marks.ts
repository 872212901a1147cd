// Stat, gauge, bars and pie of a panel as HTML and SVG, and what all panels share.
import { arc, pie } from 'd3-shape';
import type { Panel } from '../dashboards/spec.ts';
import type { PanelData } from './panel-data.ts';
import { formatValue } from './units.ts';

export type Size = { width: number; height: number };

const colours = [
  '#1f78c1',
  '#e0752d',
  '#3f9142',
  '#ba43a9',
  '#c4162a',
  '#7a5195',
  '#00897b',
  '#8c6d31',
  '#5195ce',
  '#f2a33a',
];

export function colourOf(index: number): string {
  return colours[index % colours.length] as string;
}

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** The largest: beside a pie of a quarter page there is no room for more. */
const pieNamesMax = 8;

type Latest = { name: string; value: number };

function latestOf({ series }: PanelData): Latest[] {
  return series.map(({ name, points }) => ({ name, value: points.at(-1)?.value ?? NaN }));
}

/** As a panel's thresholds say; without any there is no judgement. */
function judge({ redFrom, greenFrom }: Panel, value: number): string {
  if (redFrom === undefined && greenFrom === undefined) return colourOf(0);
  const isBad = redFrom !== undefined ? value >= redFrom : value < (greenFrom as number);
  return isBad ? '#c4162a' : '#3f9142';
}

export function drawStats(data: PanelData): string {
  const stats = latestOf(data).map(
    ({ name, value }) =>
      `<div class="stat" style="color:${judge(data.panel, value)}">${escape(formatValue(value, data.panel.unit))}<small>${escape(name)}</small></div>`,
  );
  return `<div class="stats">${stats.join('')}</div>`;
}

export function drawBars(data: PanelData): string {
  const all = latestOf(data).sort((a, b) => b.value - a.value);
  const most = data.panel.max ?? Math.max(...all.map(({ value }) => value), 0);
  const bars = all.map(({ name, value }) => {
    const share = most > 0 ? (value / most) * 100 : 0;
    const text = escape(formatValue(value, data.panel.unit));
    return `<tr><td>${escape(name)}</td><td class="bar"><div style="width:${share}%;background:${judge(data.panel, value)}"></div></td><td>${text}</td></tr>`;
  });
  return `<table class="bars">${bars.join('')}</table>`;
}

export function drawGauge(data: PanelData): string {
  const [{ value } = { value: NaN }] = latestOf(data);
  const share = Math.min(Math.max(value / (data.panel.max ?? value), 0), 1);
  const ring = arc<number>()
    .innerRadius(52)
    .outerRadius(70)
    .startAngle(-Math.PI / 2)
    .endAngle((part) => -Math.PI / 2 + Math.PI * part);
  return (
    `<svg width="180" height="110"><g transform="translate(90,80)"><path d="${ring(1) ?? ''}" class="empty"/>` +
    `<path d="${ring(share) ?? ''}" fill="${judge(data.panel, value)}"/>` +
    `<text text-anchor="middle" y="-6" class="number">${escape(formatValue(value, data.panel.unit))}</text></g></svg>`
  );
}

export function drawPie(data: PanelData): string {
  const all = latestOf(data).sort((a, b) => b.value - a.value);
  const slice = arc<{ startAngle: number; endAngle: number }>().innerRadius(0).outerRadius(62);
  const slices = pie<Latest>()
    .sort(null)
    .value(({ value }) => value)(all)
    .map((part, index) => `<path d="${slice(part) ?? ''}" fill="${colourOf(index)}"/>`);
  const rows = all
    .slice(0, pieNamesMax)
    .map(
      ({ name, value }, index) =>
        `<tr><td><i style="background:${colourOf(index)}"></i>${escape(name)}</td><td>${escape(formatValue(value, data.panel.unit))}</td></tr>`,
    );
  const more = all.length > pieNamesMax ? `<tr><td>and ${all.length - pieNamesMax} more</td><td></td></tr>` : '';
  return `<svg width="130" height="150"><g transform="translate(65,75)">${slices.join('')}</g></svg><table class="bars">${rows.join('')}${more}</table>`;
}
