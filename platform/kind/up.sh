#!/usr/bin/env bash
# Turns nothing into the running bank on KIND; safe to run again. Phases also run alone, in the order in which they stand here:
#   cluster     three kind nodes (PROFILE=light: one)
#   components  Knative Serving and Eventing, Kourier, RabbitMQ, CloudNativePG, cert-manager, then their settings
#   settings    the settings alone, on a cluster that has the components
#   images      builds the bank's two images and brings them to the nodes
#   secrets     the bank's namespaces and secrets alone, for what deploys the rest (platform/argocd)
#   bank        the bank, on any cluster that has the components, by the current kubeconfig
#   monitoring  Prometheus, kube-state-metrics and Grafana beside it
#   smoke       proves it: smoke.sh
# Usage: up.sh [--plan] [--record-checksums] [PHASE...]
#   --plan              prints each step and object in order, and does nothing
#   --record-checksums  downloads what has no checksum yet, and writes it to platform/kind/checksums for you to review
# Variables: PROFILE=kind|light, HTTP_PORT=80, HTTPS_PORT=443, TAG (of the images), IMAGE_BUILDER (called with -t NAME -f FILE
# CONTEXT), IMAGE_LOADER (called with NAME), WAIT_SECONDS=300.
# shellcheck source=lib.sh source-path=SCRIPTDIR
source "$(dirname "$0")/lib.sh"
for part in preconditions cluster components images secrets render jobs bank monitoring; do
  # shellcheck source=/dev/null
  source "$KIND_DIR/phases/$part.sh"
done

RECORD=
phases=()
while (($#)); do
  case $1 in
    -h | --help) sed -n '2,/^# shellcheck/s/^# \{0,1\}//p' "$0" | sed '$d' && exit ;;
    --plan) PLAN=yes ;;
    --record-checksums) RECORD=yes ;;
    cluster | components | settings | images | secrets | bank | monitoring | smoke) phases+=("$1") ;;
    *) die "unknown word '$1' (--help shows phases and options)" ;;
  esac
  shift
done
if ((${#phases[@]} == 0)); then phases=(cluster components images bank monitoring smoke); fi
case $PROFILE in kind | light) ;; *) die "PROFILE=$PROFILE is unknown: take kind or light" ;; esac
export RECORD

TAG=${TAG:-$(sources_tag)}
if [ -z "$PLAN" ]; then check_preconditions "${phases[@]}"; fi
for phase in "${phases[@]}"; do
  printf -- '-- %s\n' "$phase"
  "phase_$phase"
done
if [ -z "$PLAN" ]; then printf -- '-- done in %d s\n' "$SECONDS"; fi
