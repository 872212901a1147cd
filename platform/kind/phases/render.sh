# shellcheck shell=bash
# The overlay as the objects that are applied, part by part. Sourced by up.sh.

PART_LABEL=microbank.dev/part
RENDERED=

# render: once in a run; sets RENDERED to the file. The images' tag is the one that was built, whatever the overlay says.
render() {
  if [ -n "$RENDERED" ]; then return; fi
  RENDERED=$(mktemp)
  trap 'rm -f "$RENDERED"' EXIT
  kubectl kustomize "$CHECKOUT/platform/overlays/$PROFILE" |
    sed -E "s#($IMAGE_PREFIX/[a-z]+):[A-Za-z0-9._-]+#\1:$TAG#" >"$RENDERED" ||
    die "platform/overlays/$PROFILE does not render"
}

# apply_part PART: what has this label. A webhook that is not ready yet refuses for some seconds.
apply_part() {
  local output deadline=$((SECONDS + 60))
  until output=$(kubectl apply --filename "$RENDERED" --selector "$PART_LABEL=$1" 2>&1); do
    case $output in
      *'failed calling webhook'*) if ((SECONDS > deadline)); then die "part $1: $output"; fi ;;
      *) die "part $1: $output" ;;
    esac
    sleep 2
  done
}

# part_step PART TEXT: applies a part as a step.
part_step() {
  step "$2" apply_part "$1"
  if [ -n "$PLAN" ]; then planned_objects "$(objects_of "$1")"; fi
}

# objects_of PART: the documents of the rendering that have the label, by text: --plan has no cluster to ask.
objects_of() {
  awk -v label="    $PART_LABEL: $1" '
    function flush() { if (found) printf "%s---\n", text; text = ""; found = 0 }
    /^---$/ { flush(); next }
    { text = text $0 "\n" }
    $0 == label { found = 1 }
    END { flush() }' "$RENDERED"
}

# planned_objects YAML: `Kind name`, one a line.
planned_objects() {
  local line
  printf '%s\n' "$1" | awk '
    /^kind: / { kind = $2 }
    /^metadata:/ { inside = 1; next }
    /^[^ ]/ { inside = 0 }
    inside && /^  name: / { print kind, $2 }' | while IFS= read -r line; do planned "$line"; done
}
