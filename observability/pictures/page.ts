// A dashboard as a page: its rows of panels on Grafana's 24 columns, in colours of our own.
import type { Dashboard } from '../dashboards/spec.ts';
import { drawLines } from './draw-lines.ts';
import { colourOf, drawBars, drawGauge, drawPie, drawStats, escape } from './marks.ts';
import type { PanelData, Span } from './panel-data.ts';

export const pageWidth = 1_200;
const gap = 8;
const columns = 24;
const plotHeight = 180;
/** More names than that say nothing in a legend; the rest is counted. */
const legendMax = 14;

export function pageOf({ title, description, rows }: Dashboard, data: readonly PanelData[][], span: Span): string {
  const sections = rows.map(({ title: row }, index) => {
    const panels = (data[index] ?? []).map((panel) => drawPanel(panel, span));
    return `<h2>${escape(row)}</h2><section>${panels.join('')}</section>`;
  });
  const times = `${new Date(span.from).toISOString().slice(0, 16)} to ${new Date(span.to).toISOString().slice(11, 16)} UTC`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(title)}</title><style>${style}</style>
<h1>${escape(title)} <small>${times}</small></h1><p>${escape(description)}</p>${sections.join('')}</html>`;
}

function drawPanel(data: PanelData, span: Span): string {
  const { title, width = 12, emptyMeans = 'no data' } = data.panel;
  const pixels = Math.floor((pageWidth - 2 * gap - (columns / width) * gap) * (width / columns)) - 20;
  const body =
    data.series.length === 0 ? `<div class="none">${escape(emptyMeans)}</div>` : drawBody(data, span, pixels);
  return `<article style="grid-column:span ${width}"><h3>${escape(title)}</h3>${body}</article>`;
}

function drawBody(data: PanelData, span: Span, width: number): string {
  switch (data.panel.kind) {
    case 'time-series':
      return drawLines(data, span, { width, height: plotHeight }) + drawLegend(data);
    case 'stat':
      return drawStats(data);
    case 'bars':
      return drawBars(data);
    case 'gauge':
      return drawGauge(data);
    case 'pie':
      return `<div class="pie">${drawPie(data)}</div>`;
  }
}

function drawLegend({ series }: PanelData): string {
  const names = series
    .slice(0, legendMax)
    .map(({ name }, index) => `<span><i style="background:${colourOf(index)}"></i>${escape(name)}</span>`);
  const more = series.length > legendMax ? `<span>and ${series.length - legendMax} more</span>` : '';
  return `<div class="legend">${names.join('')}${more}</div>`;
}

const style = `
* { box-sizing: border-box } body { width: ${pageWidth}px; margin: 0; padding: ${gap}px; background: #f4f5f5; color: #24292e; font: 12px sans-serif }
h1 { font-size: 18px; margin: 4px 0 } h1 small, p { color: #6a737b; font-weight: normal; font-size: 12px; margin: 0 0 4px } h2 { font-size: 13px; margin: 10px 0 4px }
section { display: grid; grid-template-columns: repeat(${columns}, 1fr); gap: ${gap}px } article { background: #fff; border: 1px solid #dcdee0; border-radius: 2px; padding: 6px 10px; min-height: 120px }
h3 { font-size: 12px; margin: 0 0 4px } svg text { font: 11px sans-serif; fill: #6a737b } .grid { stroke: #e6e8ea } .empty { fill: #e6e8ea } svg text.number { font-size: 20px; fill: #24292e }
.legend { display: flex; flex-wrap: wrap; gap: 2px 10px; color: #464c54; font-size: 11px } i { display: inline-block; width: 10px; height: 3px; margin-right: 4px; vertical-align: middle }
.stats { display: flex; flex-wrap: wrap; gap: 4px 24px; padding-top: 8px } .stat { font-size: 26px } .stat small { display: block; font-size: 11px; color: #6a737b } .none { color: #6a737b; padding: 36px 0; text-align: center }
.bars { width: 100%; border-spacing: 0 3px } .bars td { white-space: nowrap } .bars td:last-child { text-align: right } .bar { width: 70% } .bar div { height: 12px; min-width: 1px } .pie { display: flex; gap: 8px; align-items: center; overflow: hidden; font-size: 11px } .pie svg { flex: none }`;
