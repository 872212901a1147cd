#!/usr/bin/env bash
# Writes what a cluster has to say when something went wrong: objects, events, and the logs of every pod. Usage: tell.sh FOLDER
# shellcheck source=lib.sh source-path=SCRIPTDIR
source "$(dirname "$0")/lib.sh"

(($# == 1)) || die "say where to: tell.sh FOLDER"
folder=$1
mkdir -p "$folder"
# Each question on its own: one that fails leaves the others.
kubectl get pods --all-namespaces --output wide >"$folder/pods.txt" 2>&1 || true
kubectl get events --all-namespaces --sort-by=.lastTimestamp >"$folder/events.txt" 2>&1 || true
in_bank get ksvc,revision,broker,trigger,pingsource,job,cluster,pooler,rabbitmqcluster --output yaml >"$folder/objects.yaml" 2>&1 || true
kubectl describe nodes >"$folder/nodes.txt" 2>&1 || true
kubectl get pods --all-namespaces --output 'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{"\n"}{end}' 2>/dev/null |
  while read -r namespace pod; do
    kubectl logs --namespace "$namespace" "$pod" --all-containers --prefix --tail=500 >"$folder/$namespace.$pod.log" 2>&1 || true
  done
# What is most often enough, where it is seen at once. Logs have no secrets in them; objects name Secrets and hold none.
tail -n 40 "$folder/pods.txt" "$folder/events.txt"
