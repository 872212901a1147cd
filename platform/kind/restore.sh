#!/usr/bin/env bash
# Puts a copy of the databases in place of what is in them: restore.sh [NAME]; without a name the newest.
# The databases have to be there, migrated by the version that made the copy: after a disaster, run its `up.sh bank` first.
# shellcheck source=lib.sh source-path=SCRIPTDIR
source "$(dirname "$0")/lib.sh"
# shellcheck source=phases/jobs.sh source-path=SCRIPTDIR
source "$KIND_DIR/phases/jobs.sh"

# run_restore NAME: the Job, with the image that makes the copies.
run_restore() {
  local image
  image=$(in_bank get cronjob backup --output 'jsonpath={.spec.jobTemplate.spec.template.spec.containers[0].image}')
  quietly in_bank delete job restore --ignore-not-found --wait
  kubectl kustomize "$CHECKOUT/platform/base/backup/restore" |
    sed -e "s#image: microbank/functions\$#image: $image#" -e "/name: BACKUP_NAME/{n;s#value: .*#value: \"$1\"#;}" |
    kubectl apply --filename - >/dev/null
  job_done restore "nothing was restored"
}

case ${1:-} in
  -h | --help) sed -n '2,3s/^# //p' "$0" && exit ;;
  '' | [A-Za-z0-9]*) step "restore ${1:-the newest copy}" run_restore "${1:-}" ;;
  *) die "unknown word '$1' (--help)" ;;
esac
in_bank logs job/restore
