#!/usr/bin/env bash
# Installs Argo CD and hands the bank to it: install.sh [--plan]. Safe to run again. Secrets have to be there: platform/kind/up.sh makes them.
# Variables: REPOSITORY (of your own, by default the one that everything.yaml names).
# shellcheck source=../kind/lib.sh source-path=SCRIPTDIR
source "$(dirname "$0")/../kind/lib.sh"
# shellcheck source=../kind/phases/components.sh source-path=SCRIPTDIR
source "$KIND_DIR/phases/components.sh"
HERE=$CHECKOUT/platform/argocd
named=https://github.com/microbank/microbank.git
REPOSITORY=${REPOSITORY:-$named}
# shellcheck disable=SC2034  # Read by step.
case ${1:-} in
  '') ;;
  --plan) PLAN=yes ;;
  *) die "unknown word '$1': --plan is the only one" ;;
esac

# ours FOLDER: its objects, for the repository that is meant.
ours() {
  kubectl kustomize "$HERE/$1" | sed "s|$named|$REPOSITORY|"
}

apply_ours() {
  ours "$1" | until_true 60 "Argo CD to take $1" kubectl apply --server-side --force-conflicts --field-manager=microbank --filename -
}

apply_argo_cd() {
  local file=$CACHE/argo-cd-$ARGOCD_VERSION.yaml
  mkdir -p "$CACHE"
  if [ ! -f "$file" ]; then
    curl --fail --silent --show-error --location --retry 3 --output "$file.part" \
      "https://github.com/argoproj/argo-cd/raw/v$ARGOCD_VERSION/manifests/install.yaml" || die "cannot download Argo CD"
    mv "$file.part" "$file"
  fi
  [ "$(sha256 "$file")" = "$ARGOCD_SHA256" ] || die "$file is not what was recorded: delete it and run again; if it stays so, ask why it changed"
  kubectl apply --server-side --force-conflicts --field-manager=microbank-up --namespace argocd --filename "$file" >/dev/null
}

has_secrets() {
  local name
  for name in signing-key edge-secret first-teller; do
    in_bank get secret "$name" >/dev/null 2>&1 || die "there is no Secret $name: run platform/kind/up.sh secrets first"
  done
}

step "look for the bank's secrets, none of which is in git" has_secrets
step "the namespace, settings and policies" apply_ours settings
step "Argo CD $ARGOCD_VERSION" apply_argo_cd
step "our settings again, over the release's" apply_ours settings
step "wait for it" available argocd
step "the projects, and the Application of everything" apply_ours projects
if [ -z "$PLAN" ]; then
  cat <<TEXT
Argo CD follows the branch \`deployed\` of $REPOSITORY. To look: kubectl -n argocd port-forward svc/argocd-server 8443:443
The first password, to be changed: kubectl -n argocd get secret argocd-initial-admin-secret -o jsonpath='{.data.password}' | base64 -d
TEXT
fi
