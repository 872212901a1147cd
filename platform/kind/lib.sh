# shellcheck shell=bash
# What the commands of this folder share: where things are, steps with their times, and how to end with one line. Sourced, never run.
set -euo pipefail

# shellcheck disable=SC2034  # each command uses some of these
{
  KIND_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  CHECKOUT=$(cd "$KIND_DIR/../.." && pwd)
  CLUSTER=${CLUSTER:-microbank}            # of kind
  PROFILE=${PROFILE:-kind}                 # the overlay: kind or light
  NAMESPACE=microbank
  MONITORING_NAMESPACE=monitoring
  HTTP_PORT=${HTTP_PORT:-80}               # on this machine
  HTTPS_PORT=${HTTPS_PORT:-443}
  NODE_PORT=31080                          # of the edge, on every node
  SECURE_NODE_PORT=31443
  CACHE=${MICROBANK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/microbank}
  OWN_LABEL=app.kubernetes.io/managed-by=microbank-up
  WAIT_SECONDS=${WAIT_SECONDS:-300}        # for each thing that has to get ready
  # shellcheck source=versions.env source-path=SCRIPTDIR
  source "$KIND_DIR/versions.env"
}
PLAN=${PLAN:-}
STEPS=0

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# step TEXT COMMAND...: says what begins, does it, and says how long it took. With --plan it only says.
step() {
  local text=$1 began=$SECONDS
  shift
  STEPS=$((STEPS + 1))
  if [ -n "$PLAN" ]; then
    printf '%3d. %s\n' "$STEPS" "$text"
    return
  fi
  printf '%4ds  %s\n' "$SECONDS" "$text"
  "$@"
  if ((SECONDS - began > 1)); then printf '       took %d s\n' "$((SECONDS - began))"; fi
}

# planned OBJECT...: with --plan one line for each object of the step before.
planned() {
  if [ -n "$PLAN" ]; then printf '       %s\n' "$@"; fi
}

# quietly COMMAND...: keeps the output to itself unless the command fails.
quietly() {
  local output
  output=$("$@" 2>&1) || die "$* failed: $output"
}

# until_true SECONDS WHAT COMMAND...: asks every second until the command succeeds.
until_true() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= deadline)); then die "still waiting for $what; see platform/docs/troubleshooting.md"; fi
    sleep 1
  done
}

# in_bank WORD...: kubectl in the bank's namespace.
in_bank() {
  kubectl --namespace "$NAMESPACE" "$@"
}

# wait_for CONDITION OBJECT...: waits, and tells what the pods do when it does not come.
wait_for() {
  local condition=$1
  shift
  in_bank wait "--for=$condition" "--timeout=${WAIT_SECONDS}s" "$@" >/dev/null || {
    in_bank get pods --field-selector=status.phase!=Succeeded >&2
    die "$* did not reach $condition in $WAIT_SECONDS s; see platform/docs/troubleshooting.md"
  }
}

# version_at_least HAVE NEED: compares up to three numbers.
version_at_least() {
  awk -v have="$1" -v need="$2" 'BEGIN {
    split(have, h, /[^0-9]+/); split(need, n, /[^0-9]+/)
    for (i = 1; i <= 3; i++) if (h[i] + 0 != n[i] + 0) exit !(h[i] + 0 > n[i] + 0)
  }'
}

# bank_port: where this machine reaches the edge: the port that kind maps, or the NodePort itself.
bank_port() {
  if [ -n "${BANK_PORT:-}" ]; then
    echo "$BANK_PORT"
  elif [ "$(kubectl config current-context 2>/dev/null)" = "kind-$CLUSTER" ]; then
    echo "$HTTP_PORT"
  else
    echo "$NODE_PORT"
  fi
}

# bank_secure_url: the same by https, as browsers write it.
bank_secure_url() {
  local port=$SECURE_NODE_PORT
  if [ "$(bank_port)" = "$HTTP_PORT" ]; then port=$HTTPS_PORT; fi
  if [ "$port" = 443 ]; then echo https://microbank.localhost; else echo "https://microbank.localhost:$port"; fi
}

# bank_url: as the reader types it.
bank_url() {
  local port
  port=$(bank_port)
  if [ "$port" = 80 ]; then echo http://microbank.localhost; else echo "http://microbank.localhost:$port"; fi
}
