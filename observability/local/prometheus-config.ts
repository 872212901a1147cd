// The configuration of a Prometheus beside a bank that runs in one process.

/** Longer than a scrape takes for what the bank reads in vain: functions/shared/watch/metrics.ts. */
export const scrapeSeconds = 5;

/** `target`: host and port of the gateway, which shows the whole process' metrics. `rules`: the folder of rule files. */
export function prometheusConfig({ target, rules }: { target: string; rules: string }): object {
  return {
    global: { scrape_interval: `${scrapeSeconds}s`, evaluation_interval: `${scrapeSeconds}s` },
    rule_files: [`${rules}/recording.yaml`, `${rules}/alerts.yaml`],
    scrape_configs: [
      // `service` names the process, as the pod's label does on a cluster.
      { job_name: 'bank', static_configs: [{ targets: [target], labels: { service: 'bank' } }] },
    ],
  };
}
