# shellcheck shell=bash
# What watches the bank: platform/base/monitoring. The bank does not need it. Sourced by up.sh.

phase_monitoring() {
  phase_secrets
  part_step policies "network policies"
  part_step monitoring "Prometheus, kube-state-metrics and Grafana"
  step "wait for them" available "$MONITORING_NAMESPACE"
  if [ -z "$PLAN" ]; then tell_monitoring; fi
}

tell_monitoring() {
  cat <<TEXT
Dashboards, at http://localhost:3000 while this runs:
  kubectl -n $MONITORING_NAMESPACE port-forward service/grafana 3000
Grafana's administrator:
  kubectl -n $MONITORING_NAMESPACE get secret grafana-admin -o 'go-template={{range \$k, \$v := .data}}{{\$k}}: {{\$v | base64decode}}{{"\n"}}{{end}}'
TEXT
}
