// What a dashboard is here: rows of panels, each with the queries it shows. to-grafana.ts makes Grafana's JSON of it, tests ask a Prometheus
// every query, and pictures are drawn from the same.

/** Who tells the series of a panel, when not every bank has them: the broker of a laptop, Knative, or the dispatchers of its Broker. */
type Source = 'laptop' | 'knative' | 'dispatchers';

type Query = {
  /** PromQL; `$__rate_interval` where a rate needs a window. */
  expr: string;
  /** Label values in double braces, as Grafana has them. */
  legend: string;
};

export type Panel = {
  title: string;
  /** What it tells, and what is to be seen in it when something is wrong. */
  description: string;
  kind: 'time-series' | 'stat' | 'pie' | 'gauge' | 'bars';
  /** Grafana's names: `reqps`, `s`, `short`, `percentunit`, `bytes`, `currencyUSD` … */
  unit: string;
  queries: readonly Query[];
  source?: Source;
  /** Red from here on; green below. For `stat` and `gauge`. */
  redFrom?: number;
  /** Green from here on; red below. */
  greenFrom?: number;
  /** Columns of 24. */
  width?: number;
  /** Stacked areas rather than lines. */
  stacked?: true;
  max?: number;
  /** Empty is good here: shown instead of nothing, and a test expects no data of a healthy bank. */
  emptyMeans?: string;
};

type Row = { title: string; panels: readonly Panel[] };

export type Dashboard = {
  /** Also the name of its file, and the end of its address. */
  uid: string;
  title: string;
  description: string;
  rows: readonly Row[];
};
