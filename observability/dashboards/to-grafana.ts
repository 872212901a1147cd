// Makes Grafana's JSON of a dashboard, with Grafana's own builders: every panel asks the chosen Prometheus and says its unit.
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import { PanelBuilder as Gauge } from '@grafana/grafana-foundation-sdk/gauge';
import { PanelBuilder as Pie, PieChartLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/piechart';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Dashboard, Panel } from './spec.ts';

/** Chosen at the top of the dashboard; the only one of a bank that has one Prometheus. */
const datasource = { type: 'prometheus', uid: '${datasource}' };
const panelHeight = 8;

// Schema v2 is new in Grafana 13; this one is provisioned from files and imported by hand in 12 as well.
/* eslint-disable @typescript-eslint/no-deprecated */
export function toGrafana({ uid, title, description, rows }: Dashboard): dashboard.Dashboard {
  const builder = new dashboard.DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['microbank'])
    .readonly()
    .timezone('browser')
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
    .link(
      new dashboard.DashboardLinkBuilder('Other dashboards')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags(['microbank'])
        .asDropdown(true),
    );
  /* eslint-enable @typescript-eslint/no-deprecated */
  // Links to one panel, and what is imported over it, need ids that are there and unique.
  let id = 0;
  for (const row of rows) {
    builder.withRow(new dashboard.RowBuilder(row.title).id(++id));
    for (const panel of row.panels) builder.withPanel(toPanel(panel).id(++id));
  }
  const built = builder.build();
  // The builder gives every variable what only one of intervals has, which Grafana's published schema does not know.
  for (const variable of built.templating.list ?? []) {
    delete variable.auto;
    delete variable.auto_min;
    delete variable.auto_count;
  }
  return built;
}

function toPanel(panel: Panel) {
  const { title, description, unit, queries, width = 12, max, emptyMeans } = panel;
  const builder = builderOf(panel)
    .title(title)
    .description(description)
    .datasource(datasource)
    .unit(unit)
    .span(width)
    .height(panelHeight)
    .min(0)
    .noValue(emptyMeans ?? 'no data');
  if (max !== undefined) builder.max(max);
  queries.forEach(({ expr, legend }, index) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode(65 + index))
      .expr(expr)
      .legendFormat(legend)
      .datasource(datasource)
      .format(PromQueryFormat.TimeSeries);
    builder.withTarget(panel.kind === 'time-series' ? query.range() : query.instant());
  });
  return builder;
}

/** The latest value of each series, where a panel shows one number for it. */
function latest() {
  return new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false);
}

function builderOf(panel: Panel): TimeSeries | Stat | Gauge | BarGauge | Pie {
  switch (panel.kind) {
    case 'time-series': {
      const legend = new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true);
      const series = new TimeSeries()
        .legend(legend)
        .tooltip(
          new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
        )
        .lineWidth(2)
        .fillOpacity(panel.stacked ? 40 : 8)
        .showPoints(common.VisibilityMode.Never);
      return panel.stacked
        ? series.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'))
        : series;
    }
    case 'stat':
      return new Stat()
        .reduceOptions(latest())
        .colorMode(common.BigValueColorMode.Value)
        .graphMode(common.BigValueGraphMode.None)
        .thresholds(thresholdsOf(panel));
    case 'gauge':
      return new Gauge().reduceOptions(latest()).thresholds(thresholdsOf(panel));
    case 'bars':
      return new BarGauge()
        .reduceOptions(latest())
        .displayMode(common.BarGaugeDisplayMode.Basic)
        .orientation(common.VizOrientation.Horizontal)
        .thresholds(thresholdsOf(panel));
    case 'pie':
      return new Pie()
        .reduceOptions(latest())
        .legend(
          new PieChartLegendOptionsBuilder()
            .displayMode(common.LegendDisplayMode.Table)
            .placement(common.LegendPlacement.Right)
            .showLegend(true),
        );
  }
}

/** Green, and red from where the panel says; without a limit there is no judgement, and one colour. */
function thresholdsOf({ redFrom, greenFrom }: Panel) {
  const steps =
    redFrom !== undefined
      ? [
          { value: null, color: 'green' },
          { value: redFrom, color: 'red' },
        ]
      : greenFrom !== undefined
        ? [
            { value: null, color: 'red' },
            { value: greenFrom, color: 'green' },
          ]
        : [{ value: null, color: 'blue' }];
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps);
}
