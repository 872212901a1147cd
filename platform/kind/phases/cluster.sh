# shellcheck shell=bash
# The kind cluster. Sourced by up.sh.

phase_cluster() {
  step "kind cluster $CLUSTER of $NODE_IMAGE, port $HTTP_PORT and $HTTPS_PORT of this machine" make_cluster
  step "wait until its nodes are ready" kubectl --context "kind-$CLUSTER" wait --for=condition=Ready nodes --all --timeout=300s
}

make_cluster() {
  if ! kind get clusters 2>/dev/null | grep -qx "$CLUSTER"; then
    cluster_config | kind create cluster --name "$CLUSTER" --image "$NODE_IMAGE" --config - --wait 120s
  fi
  kubectl config use-context "kind-$CLUSTER" >/dev/null
}

# cluster_config: the file of the profile, with this machine's ports.
cluster_config() {
  local file=cluster.yaml
  if [ "$PROFILE" = light ]; then file=cluster-light.yaml; fi
  sed -e "s/hostPort: 80,/hostPort: $HTTP_PORT,/" -e "s/hostPort: 443,/hostPort: $HTTPS_PORT,/" "$KIND_DIR/$file"
}
