#!/usr/bin/env bash
# Takes the bank away, in the order in which nothing gets stuck: Triggers, Brokers, functions, RabbitMQ, PostgreSQL, the rest.
# Usage: down.sh [bank|cluster]
#   bank     the bank and ALL ITS DATA, on the cluster of the current kubeconfig; the components stay
#   cluster  the kind cluster with everything in it
# Without a word: the kind cluster when there is one, else the bank.
# shellcheck source=lib.sh source-path=SCRIPTDIR
source "$(dirname "$0")/lib.sh"

has_kind_cluster() {
  command -v kind >/dev/null && kind get clusters 2>/dev/null | grep -qx "$CLUSTER"
}

# gone KIND...: deletes all objects of these kinds and waits until they are gone. A kind that the cluster does not know has none.
gone() {
  local kind
  for kind; do
    kubectl get crd "$kind" >/dev/null 2>&1 || continue
    in_bank delete "$kind" --all --ignore-not-found --wait=false >/dev/null
    in_bank wait --for=delete "$kind" --all "--timeout=${WAIT_SECONDS}s" >/dev/null ||
      die "$kind do not go; see 'stuck terminating' in platform/docs/troubleshooting.md"
  done
}

take_bank_away() {
  step "sources and Triggers, before the Broker" gone pingsources.sources.knative.dev triggers.eventing.knative.dev
  step "the Broker, before its RabbitMQ" gone brokers.eventing.knative.dev rabbitmqbrokerconfigs.eventing.knative.dev
  # The topology operator takes each of these out of RabbitMQ; without RabbitMQ they would stay for ever.
  step "its queues and exchanges" gone bindings.rabbitmq.com policies.rabbitmq.com queues.rabbitmq.com exchanges.rabbitmq.com
  step "the functions, while Kourier is there to let go of their routes" gone services.serving.knative.dev
  step "RabbitMQ" gone rabbitmqclusters.rabbitmq.com
  step "PostgreSQL with its data" gone scheduledbackups.postgresql.cnpg.io poolers.postgresql.cnpg.io \
    databases.postgresql.cnpg.io clusters.postgresql.cnpg.io
  step "namespace $NAMESPACE with its Secrets" kubectl delete namespace "$NAMESPACE" --ignore-not-found "--timeout=${WAIT_SECONDS}s"
}

what=${1:-}
if [ -z "$what" ]; then
  if has_kind_cluster; then what=cluster; else what=bank; fi
fi
case $what in
  cluster) step "kind cluster $CLUSTER" kind delete cluster --name "$CLUSTER" ;;
  bank)
    kubectl get --raw /readyz >/dev/null 2>&1 || die "no cluster answers: set KUBECONFIG"
    take_bank_away
    ;;
  -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0" ;;
  *) die "unknown word '$what' (--help)" ;;
esac
