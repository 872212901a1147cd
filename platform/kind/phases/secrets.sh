# shellcheck shell=bash
# The Secrets that nothing else makes: random, made once, never printed, never in git. Sourced by up.sh.
# Where something else keeps secrets (External Secrets, Sealed Secrets), it makes them by these names, and they are left alone here.

# Who signs events and questions: eventing/signing/speakers.ts says what each may say.
SPEAKERS=(users ledger find-payee operations)

make_secrets() {
  local secret role database host
  while read -r secret role database host; do
    make_database_secret "$secret" "$role" "$database" "$host"
  done < <(database_secrets)
  make_signing_key
  publish_verification_key
  make_event_keys
  publish_event_keys
  make_platform_proof
  make_edge_secret
  make_first_teller
  make_edge_certificate
  make_page_addresses
  make_grafana_admin
}

# database_secrets: `SECRET ROLE DATABASE HOST`, one a line.
database_secrets() {
  sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$CHECKOUT/platform/base/data/database-secrets.txt"
}

# secret_names: for --plan.
secret_names() {
  database_secrets | awk '{ print "Secret " $1 }'
  printf 'Secret event-key-%s\n' "${SPEAKERS[@]}"
  printf '%s\n' 'ConfigMap event-keys' 'Secret platform-proof'
  printf '%s\n' 'Secret signing-key' 'ConfigMap verification-keys' 'Secret edge-secret' 'Secret first-teller' 'Secret edge-tls' \
    'ConfigMap page-addresses' 'Secret grafana-admin'
}

is_there() {
  in_bank get "$1" "$2" --output name >/dev/null 2>&1
}

# Only letters and digits, so that it fits into an address as it is.
random_password() {
  openssl rand -hex 24
}

# keep_secret NAME TYPE KEY=VALUE...: made from standard input and never as an argument, where other users of the machine could read it.
keep_secret() {
  local name=$1 type=$2 pair
  shift 2
  {
    printf 'apiVersion: v1\nkind: Secret\ntype: %s\nmetadata:\n  name: %s\n  namespace: %s\n' "$type" "$name" "$NAMESPACE"
    # CloudNativePG takes up a password that is changed later only with this label.
    printf '  labels: { %s, cnpg.io/reload: "true" }\nstringData:\n' "${OWN_LABEL/=/: }"
    for pair; do printf '  %s: |-\n%s\n' "${pair%%=*}" "$(printf '%s\n' "${pair#*=}" | sed 's/^/    /')"; done
  } | kubectl create --filename - >/dev/null
}

make_database_secret() {
  local secret=$1 role=$2 database=$3 host=$4 password
  if is_there secret "$secret"; then return; fi
  password=$(random_password)
  keep_secret "$secret" kubernetes.io/basic-auth "username=$role" "password=$password" \
    "DATABASE_URL=postgres://$role:$password@$host.$NAMESPACE.svc.cluster.local:5432/$database" \
    "LISTEN_URL=postgres://$role:$password@bank-rw.$NAMESPACE.svc.cluster.local:5432/$database"
}

base64url() {
  openssl base64 -A | tr '+/' '-_' | tr -d '='
}

# new_key [MEMBERS]: an Ed25519 key as a private JWK, with more members; its id is its thumbprint (RFC 7638). `iat` says when it was made: its
# age is a metric.
new_key() {
  local pem x d thumbprint
  pem=$(openssl genpkey -algorithm ed25519)
  # The last 32 bytes of either encoding are the key itself.
  x=$(printf '%s\n' "$pem" | openssl pkey -pubout -outform DER | tail -c 32 | base64url)
  d=$(printf '%s\n' "$pem" | openssl pkey -outform DER | tail -c 32 | base64url)
  thumbprint=$(printf '{"crv":"Ed25519","kty":"OKP","x":"%s"}' "$x" | openssl dgst -sha256 -binary | base64url)
  printf '{"kty":"OKP","crv":"Ed25519","x":"%s","d":"%s","kid":"%s","alg":"EdDSA","use":"sig","iat":%s%s}' "$x" "$d" "$thumbprint" "$(date +%s)" "${1:-}"
}

make_signing_key() {
  if is_there secret signing-key; then return; fi
  keep_secret signing-key Opaque "SIGNING_KEY=$(new_key)"
}

# make_event_keys: one for each speaker, which says whose it is.
make_event_keys() {
  local speaker
  for speaker in "${SPEAKERS[@]}"; do
    if is_there secret "event-key-$speaker"; then continue; fi
    keep_secret "event-key-$speaker" Opaque "EVENT_SIGNING_KEY=$(new_key ",\"speaker\":\"$speaker\"")"
  done
}

# key_of SECRET KEY: the private JWK in a Secret.
key_of() {
  in_bank get secret "$1" --output "jsonpath={.data.$2}" | openssl base64 -A -d
}

kid_of() {
  printf '%s' "$1" | sed -n 's/.*"kid":"\([^"]*\)".*/\1/p'
}

# public_part JWK: the private part stays behind, and when it was made, which concerns nobody else.
public_part() {
  local key
  key=$(printf '%s' "$1" | sed 's/"d":"[^"]*",\{0,1\}//; s/,"iat":[0-9]*//')
  case $key in '' | *'"d"'*) die "a signing key cannot be read: its private part would be published" ;; esac
  printf '%s' "$key"
}

# publish_keys CONFIGMAP FILE SET
publish_keys() {
  printf '%s' "$3" |
    in_bank create configmap "$1" "--from-file=$2=/dev/stdin" --dry-run=client --output yaml |
    kubectl apply --server-side --field-manager=microbank-up --filename - >/dev/null
}

# published_event_keys: the members of the set, separated by commas.
published_event_keys() {
  # Nothing, the first time: that is no failure.
  { in_bank get configmap event-keys --output 'jsonpath={.data.event-keys\.json}' 2>/dev/null || true; } | sed 's/^{"keys":\[//; s/\]}$//'
}

# publish_event_keys: adds those that are missing, and leaves what is there: while keys are changed, the old ones are in it too.
publish_event_keys() {
  local speaker key keys before
  before=$(published_event_keys)
  keys=$before
  for speaker in "${SPEAKERS[@]}"; do
    key=$(key_of "event-key-$speaker" EVENT_SIGNING_KEY)
    case $keys in *"\"kid\":\"$(kid_of "$key")\""*) continue ;; esac
    keys="${keys:+$keys,}$(public_part "$key")"
  done
  if [ "$keys" != "$before" ]; then publish_keys event-keys event-keys.json "{\"keys\":[$keys]}"; fi
}

# make_platform_proof: what PingSources and the dispatchers of dead letters show, so that functions know them. Two, separated by a comma,
# while it is changed: the first is shown, both are believed.
make_platform_proof() {
  if is_there secret platform-proof; then return; fi
  keep_secret platform-proof Opaque "PLATFORM_PROOF=$(random_password)"
}

# fill_platform_proof FILE: puts it where the manifests have its name. Never as an argument, where other users of the machine could read it.
fill_platform_proof() {
  local proof
  proof=$(key_of platform-proof PLATFORM_PROOF)
  [[ ${proof%%,*} =~ ^[A-Za-z0-9_-]{32,}$ ]] || die "the Secret platform-proof has no PLATFORM_PROOF"
  sed -i -f <(printf 's#/platform/PLATFORM_PROOF#/platform/%s#\n' "${proof%%,*}") "$1"
}

# publish_verification_key: what the edge serves, so that no function has to wake up for it. A set that has the key is left as it is:
# while keys are changed, the old one is in it too.
publish_verification_key() {
  local key kid
  key=$(key_of signing-key SIGNING_KEY)
  kid=$(kid_of "$key")
  if in_bank get configmap verification-keys --output 'jsonpath={.data}' 2>/dev/null | grep -qF "${kid:-none}"; then return; fi
  publish_keys verification-keys jwks.json "{\"keys\":[$(public_part "$key")]}"
}

# make_edge_secret: what the edge shows functions, so that they believe what it says of who asks; for both in their own form.
make_edge_secret() {
  local secret
  if is_there secret edge-secret; then return; fi
  secret=$(random_password)
  keep_secret edge-secret Opaque "EDGE_SECRET=$secret" "edge-secret.conf=proxy_set_header x-microbank-edge $secret;"
}

make_first_teller() {
  if is_there secret first-teller; then return; fi
  keep_secret first-teller Opaque 'email=teller@microbank.example' "password=$(random_password)"
}

# make_edge_certificate: signed by itself, where no cert-manager makes one.
make_edge_certificate() {
  local folder
  if is_there secret edge-tls || kubectl get crd certificates.cert-manager.io >/dev/null 2>&1; then return; fi
  folder=$(mktemp -d)
  openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj '/CN=microbank.localhost' \
    -addext 'subjectAltName=DNS:microbank.localhost,DNS:localhost,IP:127.0.0.1' \
    -keyout "$folder/tls.key" -out "$folder/tls.crt" 2>/dev/null
  in_bank create secret tls edge-tls "--cert=$folder/tls.crt" "--key=$folder/tls.key" >/dev/null
  rm -r "$folder"
}

# make_page_addresses: where people reach the pages. Passkeys belong to such an address, so one that is there is left as it is: whoever
# gives the bank another address writes it in, the old one beside it (platform/docs/install.md).
make_page_addresses() {
  if is_there configmap page-addresses; then return; fi
  in_bank create configmap page-addresses "--from-literal=PASSKEY_ORIGINS=$(bank_url),$(bank_secure_url)" >/dev/null
}

# make_grafana_admin: beside what it opens, in the namespace of what watches the bank. Grafana's own default would be admin, admin.
make_grafana_admin() {
  local NAMESPACE=$MONITORING_NAMESPACE
  if is_there secret grafana-admin; then return; fi
  keep_secret grafana-admin Opaque 'admin-user=admin' "admin-password=$(random_password)"
}
