#!/usr/bin/env bash
# Proves that the bank works, from cold: every function at zero copies, the original's walk-through through edge and Kourier, the
# notification through Broker and Trigger, everything back at zero. Prints what it did and how long each request took.
# Variables: ZERO_SECONDS=240 (for all functions to go to zero), BANK_PORT (of 127.0.0.1, when it cannot be guessed).
# shellcheck source=lib.sh source-path=SCRIPTDIR
source "$(dirname "$0")/lib.sh"

ZERO_SECONDS=${ZERO_SECONDS:-240}
PORT=$(bank_port)
URL=$(bank_url)
ANSWER=$(mktemp)
trap 'rm -f "$ANSWER"' EXIT

# copies: how many copies of functions are wanted or there.
copies() {
  in_bank get deployments --selector serving.knative.dev/service \
    --output 'jsonpath={range .items[*]}{.spec.replicas} {.status.replicas}{"\n"}{end}' |
    awk '{ sum += ($1 > $2 ? $1 : $2) } END { print sum + 0 }'
}

# all_at_zero: the relays wake once a minute, so this is true between two of their ticks.
all_at_zero() {
  [ "$(copies)" = 0 ]
}

# wait_for_zero WHEN: prints a row with the time that it took.
wait_for_zero() {
  local began=$SECONDS
  until all_at_zero; do
    if ((SECONDS - began > ZERO_SECONDS)); then
      in_bank get deployments --selector serving.knative.dev/service >&2
      die "not every function is at zero after $ZERO_SECONDS s; see 'does not scale to zero' in platform/docs/troubleshooting.md"
    fi
    sleep 1
  done
  printf '%-58s %8s  %s\n' "every function at zero copies, $1" "-" "$((SECONDS - began)) s"
}

# ask WHAT STATUS METHOD PATH [BODY]: one request by the edge; a row with its status and time; leaves the answer in $ANSWER.
# The key makes it safe to send again: a transaction is booked once.
ask() {
  local what=$1 want=$2 method=$3 path=$4 body=${5:-} got status options=()
  # By standard input: arguments can be read by everybody on this machine.
  if [ -n "$body" ]; then options=(--header 'Content-Type: application/json' --data-binary @-); fi
  # A page for who reads HTML, as browsers say that they do; the API for all others.
  case $path in /api/*) ;; *) options+=(--header 'Accept: text/html') ;; esac
  if [ -n "${TOKEN:-}" ]; then options+=(--header "Authorization: Bearer $TOKEN"); fi
  got=$(curl --silent --show-error --max-time 60 --output "$ANSWER" --write-out '%{http_code} %{time_total}' \
    --resolve "microbank.localhost:$PORT:127.0.0.1" --request "$method" --header "Idempotency-Key: smoke-$$-$RANDOM" \
    ${options[@]+"${options[@]}"} "$URL$path" <<<"$body") || die "$what: no answer from $URL; does the edge run? kubectl -n $NAMESPACE get pods"
  status=${got% *}
  printf '%-58s %8s  %s s\n' "$what" "$status" "${got#* }"
  if [ "$status" != "$want" ]; then die "$what: $status instead of $want: $(head -c 500 "$ANSWER")"; fi
}

# field NAME: a text or number of the answer.
field() {
  sed 's/.*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/' "$ANSWER"
}

# made: the id of what was made, the first field of the answer.
made() {
  sed 's/{"id":\([0-9]*\).*/\1/' "$ANSWER"
}

expect() {
  grep -qF "$1" "$ANSWER" || die "the answer lacks $1: $(head -c 500 "$ANSWER")"
}

# teller: the first teller's credentials as the body of a sign-in; they go nowhere else.
teller() {
  in_bank get secret first-teller --output \
    'go-template={"email":"{{.data.email | base64decode}}","password":"{{.data.password | base64decode}}"}'
}

walk_through() {
  local user account began
  ask "the page" 200 GET /
  ask "sign in" 201 POST /api/sessions "$(teller)"
  TOKEN=$(field access_token)
  ask "register a user" 201 POST /api/users "{\"name\":\"Alice Johnson\",\"email\":\"alice-$$-$RANDOM@example.com\",\"phone\":\"555-123-4567\"}"
  user=$(made)
  ask "open an account with 1000.00" 201 POST /api/accounts "{\"user_id\":$user,\"account_type\":\"checking\",\"balance\":1000.00}"
  account=$(made)
  ask "deposit 500.00" 201 POST /api/transactions "{\"account_id\":$account,\"type\":\"deposit\",\"amount\":500.00}"
  began=$SECONDS
  ask "the balance" 200 GET "/api/accounts/$account"
  expect '"balance":1500'
  ask "withdraw 1500.01, refused" 422 POST /api/withdrawals "{\"account_id\":$account,\"amount\":1500.01}"
  expect insufficient_funds
  # shellcheck disable=SC2016  # The message has dollars in it.
  until ask "the notification, by Broker and Trigger" 200 GET "/api/notifications?user_id=$user" &&
    grep -qF 'Deposit of $500.00 completed. New balance: $1500.00' "$ANSWER"; do
    if ((SECONDS - began > 90)); then die "no notification of the deposit in 90 s: kubectl -n $NAMESPACE get triggers,pods"; fi
    sleep 1
  done
  ask "what the bank owes" 200 GET /api/operations
  expect '"sum":0'
}

printf '%-58s %8s  %s\n' "$URL" status time
wait_for_zero "before"
walk_through
wait_for_zero "after"
echo "smoke: passed"
