# shellcheck shell=bash
# Jobs that run to their end while a script waits. Sourced.

job_ended() {
  in_bank get job "$1" --output 'jsonpath={.status.conditions[*].type}' | grep -Eq 'Complete|Failed'
}

# job_done JOB WHAT_IF_NOT: waits for its end; prints its last lines when that is a failure.
job_done() {
  until_true "$WAIT_SECONDS" "job $1 to end" job_ended "$1"
  if [ "$(in_bank get job "$1" --output 'jsonpath={.status.succeeded}')" != 1 ]; then
    in_bank logs "job/$1" --all-containers --prefix --tail=20 >&2
    die "job $1 failed: $2"
  fi
}
