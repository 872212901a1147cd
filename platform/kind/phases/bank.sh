# shellcheck shell=bash
# The bank itself, on any cluster that has the components. The order is what each part needs of the ones before. Sourced by up.sh.

phase_secrets() {
  render
  part_step namespaces "namespaces"
  step "secrets that are not there yet" make_secrets
  if [ -z "$PLAN" ]; then fill_platform_proof "$RENDERED"; fi
  if [ -n "$PLAN" ]; then secret_names | while IFS= read -r name; do planned "$name"; done; fi
}

phase_bank() {
  phase_secrets
  # Before any pod: a connection that is open already is not closed by a policy that comes later.
  part_step policies "network policies"
  part_step data "PostgreSQL with its databases, roles and pooler"
  part_step rabbitmq "RabbitMQ"
  step "wait for PostgreSQL" wait_for_data
  step "wait for RabbitMQ" wait_for condition=AllReplicasReady rabbitmqcluster --all
  part_step broker "the Broker"
  job_step migrate migrate "migrate the databases, before any function of this version runs"
  job_step teller first-teller "register the first teller"
  part_step edge "the edge"
  part_step functions "the functions"
  step "wait for the edge" quietly in_bank rollout status deployment/edge "--timeout=${WAIT_SECONDS}s"
  step "wait for the Broker and its ingress" wait_for_broker
  step "wait for the functions, each of which starts once" wait_for condition=Ready ksvc --all
  part_step triggers "Triggers and sources"
  step "wait for Triggers, their dispatchers and the sources" wait_for_triggers
  part_step backup "the nightly backup"
  if [ -z "$PLAN" ]; then tell; fi
}

wait_for_data() {
  wait_for condition=Ready clusters.postgresql.cnpg.io --all
  if in_bank get databases.postgresql.cnpg.io --output name 2>/dev/null | grep -q .; then
    wait_for 'jsonpath={.status.applied}=true' databases.postgresql.cnpg.io --all
  fi
  until_true "$WAIT_SECONDS" "the pooler's Deployment" in_bank get deployment bank-pooler
  wait_for condition=Available deployment/bank-pooler
}

# Ready does not say that the ingress runs.
wait_for_broker() {
  wait_for condition=Ready broker --all
  wait_for condition=Available deployment --selector eventing.knative.dev/brokerRole=ingress
}

# A Trigger is Ready when its queue is there; whether anything takes events from it, only its dispatcher's Deployment says.
wait_for_triggers() {
  wait_for condition=Ready trigger --all
  wait_for condition=Available deployment --selector eventing.knative.dev/brokerRole=dispatcher
  wait_for condition=Ready pingsource --all
}

# job_step PART JOB TEXT: a part that is one Job, run to its end.
job_step() {
  step "$3" run_job "$1" "$2"
  if [ -n "$PLAN" ]; then planned_objects "$(objects_of "$1")"; fi
}

# run_job PART JOB: a Job cannot be changed, so the last run's goes first.
run_job() {
  quietly in_bank delete job "$2" --ignore-not-found --wait
  apply_part "$1"
  job_done "$2" "functions of the version before still run"
}

tell() {
  cat <<TEXT
The bank is at $(bank_url)
The first teller:
  kubectl -n $NAMESPACE get secret first-teller -o 'go-template={{range \$k, \$v := .data}}{{\$k}}: {{\$v | base64decode}}{{"\n"}}{{end}}'
TEXT
}

phase_smoke() {
  step "smoke.sh" "$KIND_DIR/smoke.sh"
}
