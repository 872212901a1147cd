#!/usr/bin/env bash
# Changes the keys that functions sign events and questions with, while the bank works:
#   platform/kind/rotate-event-keys.sh [SPEAKER…]            all of them without one; eventing/signing/speakers.ts names them
#   platform/kind/rotate-event-keys.sh --withdraw            publishes the keys that sign now, and no other
#   platform/kind/rotate-event-keys.sh --platform-proof      changes what PingSources and dispatchers of dead letters show
# A new key is published beside the old one first, then signs. The old one stays published until --withdraw: what waits in a queue, or as a
# dead letter, is signed with it. platform/docs/event-keys.md says when. KUBECONFIG names the cluster.
# shellcheck source=lib.sh source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=phases/secrets.sh source-path=SCRIPTDIR
source "$KIND_DIR/phases/secrets.sh"

# secret_with NAME KEY VALUE: replaces one value of a Secret, from standard input.
secret_with() {
  local encoded
  encoded=$(printf '%s' "$3" | openssl base64 -A)
  printf '{"data":{"%s":"%s"}}' "$2" "$encoded" |
    in_bank patch secret "$1" --type merge --patch-file /dev/stdin >/dev/null
}

# edge_serves KID: every pod of the edge has the file with this key.
edge_serves() {
  local pod pods
  pods=$(in_bank get pods --selector app.kubernetes.io/name=edge --output 'jsonpath={.items[*].metadata.name}')
  [ -n "$pods" ] || return 1
  for pod in $pods; do
    in_bank exec "$pod" --container nginx -- cat /etc/edge/keys/event-keys.json 2>/dev/null | grep -qF "\"$1\"" || return 1
  done
}

# roll SELECTOR: new revisions of these functions; the old copies finish what they have.
roll() {
  local names
  names=$(in_bank get ksvc --selector "$1" --output name)
  [ -n "$names" ] || return 0
  # shellcheck disable=SC2086
  in_bank patch $names --type merge \
    --patch "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":{\"microbank.dev/rolled-at\":\"$(date +%s)\"}}}}}" >/dev/null
  # shellcheck disable=SC2086
  quietly in_bank wait --for=condition=Ready "--timeout=${WAIT_SECONDS}s" $names
}

rotate() {
  local speaker key
  declare -A fresh
  for speaker; do
    is_there secret "event-key-$speaker" || die "there is no speaker $speaker: ${SPEAKERS[*]}"
    fresh[$speaker]=$(new_key ",\"speaker\":\"$speaker\"")
  done
  local keys
  keys=$(published_event_keys)
  for key in "${fresh[@]}"; do keys="$keys,$(public_part "$key")"; done
  publish_keys event-keys event-keys.json "{\"keys\":[$keys]}"
  for key in "${fresh[@]}"; do
    until_true "$WAIT_SECONDS" "the edge to serve the new keys" edge_serves "$(kid_of "$key")"
  done
  for speaker; do secret_with "event-key-$speaker" EVENT_SIGNING_KEY "${fresh[$speaker]}"; done
  for speaker; do roll "microbank.dev/speaks-as=$speaker"; done
}

withdraw() {
  local speaker keys=
  for speaker in "${SPEAKERS[@]}"; do
    keys="${keys:+$keys,}$(public_part "$(key_of "event-key-$speaker" EVENT_SIGNING_KEY)")"
  done
  publish_keys event-keys event-keys.json "{\"keys\":[$keys]}"
}

# Functions believe the old proof and the new one, then the platform shows the new one, then the old one is forgotten. A Broker's spec is
# immutable: it shows the proof that it was made with, which is believed until the Broker is made anew (platform/docs/event-keys.md).
rotate_platform_proof() {
  local before after own
  before=$(key_of platform-proof PLATFORM_PROOF)
  before=${before%%,*}
  after=$(random_password)
  secret_with platform-proof PLATFORM_PROOF "$after,$before"
  roll microbank.dev/hears-platform=true
  show_proof "$before" "$after"
  own=$(in_bank get broker bank --output 'jsonpath={.spec.delivery.deadLetterSink.uri}')
  own=${own#/platform/}
  secret_with platform-proof PLATFORM_PROOF "$after${own:+,$own}"
  roll microbank.dev/hears-platform=true
}

# show_proof BEFORE AFTER: in every Trigger and PingSource that shows it.
show_proof() {
  show_proof_in trigger /spec/delivery/deadLetterSink/uri .spec.delivery.deadLetterSink.uri "$@"
  show_proof_in pingsource /spec/sink/uri .spec.sink.uri "$@"
  quietly in_bank wait --for=condition=Ready "--timeout=${WAIT_SECONDS}s" trigger --all
  quietly in_bank wait --for=condition=Ready "--timeout=${WAIT_SECONDS}s" pingsource --all
  quietly in_bank wait --for=condition=Available "--timeout=${WAIT_SECONDS}s" deployment --selector eventing.knative.dev/brokerRole=dispatcher
  # Ready and Available may still be of before. A dispatcher that shows the old proof when nobody believes it any more loses what it brings.
  until_true "$WAIT_SECONDS" "every Trigger's dispatcher to show the new proof" shown_by_no_pod "$1"
}

# shown_by_no_pod PROOF: no pod of a Trigger's dispatchers has it in its definition, nor has one that ends.
shown_by_no_pod() {
  local pods
  pods=$(in_bank get pods --selector eventing.knative.dev/brokerRole=dispatcher --output json) && ! grep -qF "/platform/$1" <<<"$pods"
}

show_proof_in() {
  local kind=$1 pointer=$2 path=$3 before=$4 after=$5 name uri
  in_bank get "$kind" --output "jsonpath={range .items[*]}{.metadata.name} {$path}{\"\\n\"}{end}" |
    while read -r name uri; do
      if [ "$uri" != "/platform/$before" ]; then continue; fi
      printf '[{"op":"replace","path":"%s","value":"/platform/%s"}]' "$pointer" "$after" |
        in_bank patch "$kind" "$name" --type json --patch-file /dev/stdin >/dev/null
    done
}

case ${1:-} in
  --withdraw) withdraw ;;
  --platform-proof) rotate_platform_proof ;;
  -*) die "unknown option $1" ;;
  '') rotate "${SPEAKERS[@]}" ;;
  *) rotate "$@" ;;
esac
