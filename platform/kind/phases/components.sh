# shellcheck shell=bash
# Everything that the bank stands on and that others release: downloaded once, checked, applied, waited for. Sourced by up.sh.

phase_components() {
  release cert-manager "https://github.com/cert-manager/cert-manager/releases/download/v$CERT_MANAGER_VERSION/cert-manager.yaml"
  step "wait for cert-manager, whose webhook the RabbitMQ operators need" available cert-manager
  knative serving "$SERVING_VERSION" serving-crds serving-core
  release kourier "https://github.com/knative-extensions/net-kourier/releases/download/knative-v$KOURIER_VERSION/kourier.yaml"
  knative eventing "$EVENTING_VERSION" eventing-crds eventing-core
  step "wait for Knative Serving" available knative-serving
  step "wait for Kourier" available kourier-system
  release rabbitmq-cluster-operator \
    "https://github.com/rabbitmq/cluster-operator/releases/download/v$RABBITMQ_CLUSTER_OPERATOR_VERSION/cluster-operator.yml"
  release rabbitmq-topology-operator \
    "https://github.com/rabbitmq/messaging-topology-operator/releases/download/v$RABBITMQ_TOPOLOGY_OPERATOR_VERSION/messaging-topology-operator-with-certmanager.yaml"
  step "wait for the RabbitMQ operators" available rabbitmq-system
  release rabbitmq-broker \
    "https://github.com/knative-extensions/eventing-rabbitmq/releases/download/knative-v$EVENTING_RABBITMQ_VERSION/rabbitmq-broker.yaml"
  release cloudnative-pg \
    "https://github.com/cloudnative-pg/cloudnative-pg/releases/download/v$CLOUDNATIVE_PG_VERSION/cnpg-$CLOUDNATIVE_PG_VERSION.yaml"
  # Before the wait for Eventing: without our ClusterRole the RabbitMQ broker's controller does not work.
  phase_settings
  step "wait for Knative Eventing and its RabbitMQ broker" available knative-eventing
  step "wait for CloudNativePG" available cnpg-system
}

phase_settings() {
  step "our settings of the components, key by key: platform/base/components" apply_settings
  if [ -n "$PLAN" ]; then planned_objects "$(kubectl kustomize "$CHECKOUT/platform/base/components")"; fi
  step "have the activator and the autoscaler tell metrics, if they do not yet" roll_what_tells_metrics
}

# roll_what_tells_metrics: they read where metrics go when they start, and never again. What has the same note already is left as it is.
roll_what_tells_metrics() {
  local protocol name
  protocol=$(kubectl --namespace knative-serving get configmap config-observability --output 'jsonpath={.data.metrics-protocol}')
  for name in activator autoscaler; do
    quietly kubectl --namespace knative-serving patch deployment "$name" --type merge --patch \
      "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"microbank.dev/metrics-protocol\":\"$protocol\"}}}}}"
  done
  available knative-serving
}

# A webhook that has just started may refuse for some seconds more.
apply_settings() {
  until_true 60 "the components' webhooks" kubectl apply --server-side --force-conflicts --field-manager=microbank \
    --kustomize "$CHECKOUT/platform/base/components"
}

# knative NAME VERSION FILE...: release files of a Knative repository.
knative() {
  local name=$1 version=$2 file
  shift 2
  for file; do
    release "$file" "https://github.com/knative/$name/releases/download/knative-v$version/$file.yaml"
  done
}

# release NAME URL: one file of a release, applied. Server-side, because some definitions are too long for an annotation.
release() {
  step "$1: $2" apply_release "$1" "$2"
}

apply_release() {
  local file
  file=$(download "$1" "$2")
  until_true 120 "$1 to be applied (kubectl apply --server-side -f $file says why)" \
    kubectl apply --server-side --force-conflicts --field-manager=microbank-up --filename "$file"
}

# download NAME URL: prints where the checked file is. Its name has the version in it, so that an old one is never taken for it.
download() {
  local file
  file=$CACHE/$(printf '%s' "${2#https://github.com/}" | tr '/' '_')
  mkdir -p "$CACHE"
  if [ ! -f "$file" ]; then
    curl --fail --silent --show-error --location --retry 3 --output "$file.part" "$2" || die "cannot download $2"
    mv "$file.part" "$file"
  fi
  check_sum "$file"
  echo "$file"
}

check_sum() {
  local name sum known
  name=$(basename "$1")
  sum=$(sha256 "$1")
  known=$(awk -v name="$name" '$2 == name { print $1 }' "$KIND_DIR/checksums")
  if [ -z "$known" ]; then
    if [ -z "$RECORD" ]; then
      die "no checksum is recorded for $name: look at $1, then run up.sh --record-checksums, and commit platform/kind/checksums"
    fi
    printf '%s  %s\n' "$sum" "$name" >>"$KIND_DIR/checksums"
  elif [ "$known" != "$sum" ]; then
    die "$1 is not what was recorded (sha256 $sum, not $known): delete it and run again; if it stays so, ask why it changed"
  fi
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# available NAMESPACE: waits for all its Deployments.
available() {
  kubectl wait --namespace "$1" --for=condition=Available deployment --all "--timeout=${WAIT_SECONDS}s" >/dev/null || {
    kubectl get pods --namespace "$1" >&2
    die "not everything in $1 starts; see platform/docs/troubleshooting.md"
  }
}
