// Checks dashboards against the schema that Grafana publishes, @grafana/schema: types, so TypeScript's own compiler is who checks them.
import ts from 'typescript';

const modules = '@grafana/schema/dist/esm/raw/composable';
/** The type of each kind of panel's options and of its queries, by the panel's `type`. */
const panelTypes = {
  timeseries: 'timeseries/panelcfg/x/TimeSeriesPanelCfg',
  stat: 'stat/panelcfg/x/StatPanelCfg',
  gauge: 'gauge/panelcfg/x/GaugePanelCfg',
  bargauge: 'bargauge/panelcfg/x/BarGaugePanelCfg',
  piechart: 'piechart/panelcfg/x/PieChartPanelCfg',
} as const;

/** As it is written down, an enum is one of its values: `'list'`, where the type says LegendDisplayMode.List. */
const head = `
import type { Dashboard, Panel, RowPanel } from '@grafana/schema';
${Object.entries(panelTypes)
  .map(([type, path]) => `import type { Options as ${type} } from '${modules}/${path}_types.gen';`)
  .join('\n')}
type Written<T> = T extends string ? \`\${T}\` : T extends number | boolean | null | undefined | Function ? T
  : unknown extends T ? T : T extends readonly (infer I)[] ? Written<I>[] : { [K in keyof T]: Written<T[K]> };
/** What the schema leaves open, Grafana's Prometheus plugin declares in its own source and not here. */
type Query = { refId: string; expr: string; legendFormat: string; datasource: { type: 'prometheus'; uid: string }
  format: 'time_series'; range?: boolean; instant?: boolean };
type PanelOf<Type extends string, Options> =
  // What is left out has its default.
  Written<Omit<Panel, 'type' | 'options' | 'targets'>> & { type: Type; options: Written<Partial<Options>>; targets: Query[] };
type AnyPanel = ${Object.keys(panelTypes)
  .map((type) => `PanelOf<'${type}', ${type}>`)
  .join(' | ')} | (Written<Omit<RowPanel, 'panels'>> & { panels: [] });
type Checked = Written<Omit<Dashboard, 'panels'>> & { panels: AnyPanel[] };
`;

/** What TypeScript has to say of each, a line for each fault; nothing for a dashboard that Grafana knows in every property. */
export function schemaFaults(dashboards: readonly object[]): string[] {
  const name = new URL('dashboards-as-types.ts', import.meta.url).pathname;
  const text = `${head}${dashboards.map((one, index) => `const d${index}: Checked = ${JSON.stringify(one, undefined, 1)};`).join('\n')}
export { ${dashboards.map((_one, index) => `d${index}`).join(', ')} };`;
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [], lib: ['lib.esnext.d.ts'] },
    ...{
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      target: ts.ScriptTarget.ESNext,
    },
  };
  const host = ts.createCompilerHost(options);
  const onDisk = ts.createCompilerHost(options);
  host.fileExists = (file) => file === name || onDisk.fileExists(file);
  host.readFile = (file) => (file === name ? text : onDisk.readFile(file));
  host.getSourceFile = (file, ...rest) =>
    file === name ? ts.createSourceFile(file, text, ts.ScriptTarget.ESNext) : onDisk.getSourceFile(file, ...rest);
  return ts.getPreEmitDiagnostics(ts.createProgram([name], options, host)).map(({ file, start = 0, messageText }) => {
    const line = file?.text.slice(start).split('\n')[0] ?? '';
    return `${line.trim()}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
