# shellcheck shell=bash
# What has to be there before anything begins. Each refusal is one line that says what to do. Sourced by up.sh.

# Memory that the bank, its components and Kubernetes itself take, with room for the functions that run at the same time.
MEMORY_MIN_GIB_KIND=8
MEMORY_MIN_GIB_LIGHT=6

# check_preconditions PHASE...: ends at the first thing that is missing for these phases.
check_preconditions() {
  local phase
  need_tool kubectl "install kubectl $KUBECTL_VERSION_MIN or newer: https://kubernetes.io/docs/tasks/tools/"
  check_kubectl
  for phase in "$@"; do
    case $phase in
      cluster) check_engine && check_kind && check_cluster ;;
      components) need_tool curl "install curl" && need_checksum_tool ;;
      images) if [ -z "${IMAGE_BUILDER:-}" ] || [ -z "${IMAGE_LOADER:-}" ]; then check_engine; fi ;;
      bank | secrets | monitoring) need_tool openssl "install OpenSSL 1.1.1 or newer" && check_ed25519 ;;
      smoke) need_tool curl "install curl" ;;
      settings) ;;
    esac
  done
  # The phase cluster makes the one that the others work on.
  if [ "$1" != cluster ] && [ "$*" != images ]; then check_answer; fi
}

need_tool() {
  command -v "$1" >/dev/null || die "$1 is missing: $2"
}

need_checksum_tool() {
  command -v sha256sum >/dev/null || command -v shasum >/dev/null || die "sha256sum is missing: install coreutils"
}

check_kubectl() {
  local version
  version=$(kubectl version --client --output=json 2>/dev/null | sed -n 's/.*"gitVersion": *"v\([^"]*\)".*/\1/p' | head -n 1)
  version_at_least "$version" "$KUBECTL_VERSION_MIN" ||
    die "kubectl is $version: install $KUBECTL_VERSION_MIN or newer, older ones cannot render the overlays"
}

# engine: docker, or podman where there is no docker.
engine() {
  if command -v docker >/dev/null; then echo docker; else echo podman; fi
}

check_engine() {
  command -v docker >/dev/null || command -v podman >/dev/null ||
    die "docker is missing: install Docker or Podman, or name commands for the images by IMAGE_BUILDER and IMAGE_LOADER"
  "$(engine)" info >/dev/null 2>&1 || die "$(engine) does not answer: start it (Docker Desktop, or: sudo systemctl start docker)"
}

check_kind() {
  local version
  need_tool kind "install kind $KIND_VERSION_MIN or newer: https://kind.sigs.k8s.io/docs/user/quick-start/#installation"
  version=$(kind version | sed -n 's/^kind v\([0-9.]*\).*/\1/p')
  version_at_least "$version" "$KIND_VERSION_MIN" ||
    die "kind is $version, which cannot run $NODE_IMAGE: install $KIND_VERSION_MIN or newer"
}

# check_cluster: a cluster that is there has to answer; one that is not needs memory and its ports.
check_cluster() {
  if kind get clusters 2>/dev/null | grep -qx "$CLUSTER"; then
    kubectl --context "kind-$CLUSTER" get --raw /readyz >/dev/null 2>&1 ||
      die "kind cluster $CLUSTER is there but does not answer: platform/kind/down.sh cluster, then up.sh again"
    return
  fi
  check_memory
  check_port "$HTTP_PORT" HTTP_PORT 8080
  check_port "$HTTPS_PORT" HTTPS_PORT 8443
}

check_memory() {
  local need=$MEMORY_MIN_GIB_KIND bytes
  if [ "$PROFILE" = light ]; then need=$MEMORY_MIN_GIB_LIGHT; fi
  bytes=$("$(engine)" info --format '{{.MemTotal}}' 2>/dev/null) || bytes=$("$(engine)" info --format '{{.Host.MemTotal}}')
  # A machine sold with 8 GiB shows a little less.
  if ((bytes / 1024 / 1024 < need * 1024 * 9 / 10)); then
    die "$(engine) has $((bytes / 1024 / 1024)) MiB of memory, this needs $need GiB: give it more$(hint_light)"
  fi
}

hint_light() {
  if [ "$PROFILE" != light ]; then echo ", or take one node with $MEMORY_MIN_GIB_LIGHT GiB: PROFILE=light platform/kind/up.sh"; fi
}

check_port() {
  if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
    die "port $1 is taken on this machine: stop what listens there, or run $2=$3 platform/kind/up.sh"
  fi
}

check_ed25519() {
  openssl genpkey -algorithm ed25519 >/dev/null 2>&1 ||
    die "$(openssl version) makes no Ed25519 keys: install OpenSSL 1.1.1 or newer, and put it first in PATH"
}

# check_answer: the cluster of the current kubeconfig, and nothing of the bank that is still being deleted.
check_answer() {
  local terminating
  kubectl get --raw /readyz >/dev/null 2>&1 ||
    die "no cluster answers: set KUBECONFIG, or run platform/kind/up.sh cluster first"
  terminating=$(kubectl get namespace "$NAMESPACE" --ignore-not-found --output 'jsonpath={.status.phase}')
  if [ "$terminating" = Terminating ]; then
    die "namespace $NAMESPACE is still being deleted: wait for it, or see 'stuck terminating' in platform/docs/troubleshooting.md"
  fi
}
