// The configuration of a Prometheus beside a bank that runs in one process.

/** `target`: host and port of the gateway, which shows the whole process' metrics. `rules`: the folder of rule files. */
export function prometheusConfig({ target, rules, everySeconds = 5 }: Where): object {
  return {
    global: { scrape_interval: `${everySeconds}s`, evaluation_interval: `${everySeconds}s` },
    rule_files: [`${rules}/recording.yaml`, `${rules}/alerts.yaml`],
    scrape_configs: [
      // `service` names the process, as the pod's label does on a cluster.
      { job_name: 'bank', static_configs: [{ targets: [target], labels: { service: 'bank' } }] },
    ],
  };
}

type Where = { target: string; rules: string; everySeconds?: number };
