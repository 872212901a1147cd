// Lines and stacked areas of a time-series panel as SVG.
import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, line, stack } from 'd3-shape';
import type { PanelData, Series, Span } from './panel-data.ts';
import { colourOf, escape, type Size } from './marks.ts';
import { formatValue } from './units.ts';

const margin = { top: 8, right: 12, bottom: 20, left: 64 };
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });

/** Breaks where a series has no value: what is not known is not drawn as a line to what is. */
export function drawLines({ panel, series }: PanelData, { from, to }: Span, { width, height }: Size): string {
  const drawn = panel.stacked ? stacked(series) : series.map(plain);
  const highest = Math.max(...drawn.flatMap((one) => one.map(({ high }) => (Number.isFinite(high) ? high : 0))), 0);
  const x = scaleUtc([from, to], [margin.left, width - margin.right]);
  const y = scaleLinear(
    [0, panel.max ?? (highest === 0 ? 1 : highest * 1.05)],
    [height - margin.bottom, margin.top],
  ).nice(4);
  const path = line<Drawn>()
    .defined(({ high }) => Number.isFinite(high))
    .x(({ at }) => x(at))
    .y(({ high }) => y(high));
  const filled = area<Drawn>()
    .defined(({ high }) => Number.isFinite(high))
    .x(({ at }) => x(at))
    .y0(({ low }) => y(low))
    .y1(({ high }) => y(high));
  const marks = drawn.map(
    (one, index) =>
      `<path d="${filled(one) ?? ''}" fill="${colourOf(index)}" fill-opacity="${panel.stacked ? 0.4 : 0.06}"/>` +
      `<path d="${path(one) ?? ''}" fill="none" stroke="${colourOf(index)}" stroke-width="1.6"/>`,
  );
  const rows = y
    .ticks(4)
    .map(
      (value) =>
        `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(value)}" y2="${y(value)}" class="grid"/>` +
        `<text x="${margin.left - 8}" y="${y(value) + 4}" text-anchor="end">${escape(formatValue(value, panel.unit))}</text>`,
    );
  const columns = x
    .ticks(5)
    .map((at) => `<text x="${x(at)}" y="${height - 4}" text-anchor="middle">${clock.format(at)}</text>`);
  return `<svg width="${width}" height="${height}">${rows.join('')}${columns.join('')}${marks.join('')}</svg>`;
}

type Drawn = { at: number; low: number; high: number };

function plain({ points }: Series): Drawn[] {
  return withGaps(points.map(({ at, value }) => ({ at, low: 0, high: value })));
}

/** A step that has no point, because the query had no answer then, is a gap. */
function withGaps(points: readonly Drawn[]): Drawn[] {
  const steps = points.slice(1).map(({ at }, index) => at - (points[index]?.at ?? at));
  const step = Math.min(...steps);
  return points.flatMap((point, index) => {
    const before = points[index - 1];
    const isGap = before !== undefined && point.at - before.at > step * 1.5;
    return isGap ? [{ at: before.at + step, low: 0, high: NaN }, point] : [point];
  });
}

function stacked(series: readonly Series[]): Drawn[][] {
  const moments = [...new Set(series.flatMap(({ points }) => points.map(({ at }) => at)))].sort((a, b) => a - b);
  const valueAt = series.map(({ points }) => new Map(points.map(({ at, value }) => [at, value])));
  const layers = stack<number, number>()
    .keys(series.map((_, index) => index))
    .value((at, index) => valueAt[index]?.get(at) ?? 0)(moments);
  return layers.map((layer) => layer.map(([low, high], index) => ({ at: moments[index] as number, low, high })));
}
