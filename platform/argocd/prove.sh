#!/usr/bin/env bash
# Shows functions that dead letters and ticks are the platform's: puts the secret proof into the Broker, Triggers and sources that Argo CD made with its
# placeholder, as up.sh does when it applies them. After the first sync, and after each that brings a new Trigger or source; again changes nothing.
# Argo CD leaves what it finds there (apps/triggers.yaml). Until then a dead letter of a new Trigger is refused, and tried again.
# shellcheck source=../kind/lib.sh source-path=SCRIPTDIR
source "$(dirname "$0")/../kind/lib.sh"
# shellcheck source=../kind/phases/secrets.sh source-path=SCRIPTDIR
source "$KIND_DIR/phases/secrets.sh"

# fill KIND PATH JSON-BEFORE JSON-AFTER: each object of the kind that still has the placeholder at that path. The proof is never an argument.
fill() {
  local kind=$1 path=$2 before=$3 after=$4 name uri proof
  proof=$(key_of platform-proof PLATFORM_PROOF)
  in_bank get "$kind" --output "jsonpath={range .items[*]}{.metadata.name} {$path}{\"\\n\"}{end}" |
    while read -r name uri; do
      case $uri in /platform/PLATFORM_PROOF*) ;; *) continue ;; esac
      printf '%s%s%s' "$before" "/platform/${proof%%,*}${uri#/platform/PLATFORM_PROOF}" "$after" |
        in_bank patch "$kind" "$name" --type merge --patch-file /dev/stdin >/dev/null
      echo "$kind $name"
    done
}

fill trigger .spec.delivery.deadLetterSink.uri '{"spec":{"delivery":{"deadLetterSink":{"uri":"' '"}}}}'
fill pingsource .spec.sink.uri '{"spec":{"sink":{"uri":"' '"}}}'

# A Broker's spec is immutable: it is made anew, once, before the bank's first event.
if in_bank get broker bank --output 'jsonpath={.spec.delivery.deadLetterSink.uri}' | grep -qx '/platform/PLATFORM_PROOF'; then
  proof=$(key_of platform-proof PLATFORM_PROOF)
  in_bank get broker bank --output yaml | sed -f <(printf 's#/platform/PLATFORM_PROOF#/platform/%s#\n' "${proof%%,*}") |
    in_bank replace --force --filename - >/dev/null
  echo 'broker bank'
fi
