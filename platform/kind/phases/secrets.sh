# shellcheck shell=bash
# The Secrets that nothing else makes: random, made once, never printed, never in git. Sourced by up.sh.
# Where something else keeps secrets (External Secrets, Sealed Secrets), it makes them by these names, and they are left alone here.

make_secrets() {
  local secret role database host
  while read -r secret role database host; do
    make_database_secret "$secret" "$role" "$database" "$host"
  done < <(database_secrets)
  make_signing_key
  publish_verification_key
  make_edge_secret
  make_first_teller
  make_edge_certificate
}

# database_secrets: `SECRET ROLE DATABASE HOST`, one a line.
database_secrets() {
  sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$CHECKOUT/platform/base/data/database-secrets.txt"
}

# secret_names: for --plan.
secret_names() {
  database_secrets | awk '{ print "Secret " $1 }'
  printf '%s\n' 'Secret signing-key' 'ConfigMap verification-keys' 'Secret edge-secret' 'Secret first-teller' 'Secret edge-tls'
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

# make_signing_key: an Ed25519 key as a JWK; its id is its thumbprint (RFC 7638).
make_signing_key() {
  local pem x d thumbprint
  if is_there secret signing-key; then return; fi
  pem=$(openssl genpkey -algorithm ed25519)
  # The last 32 bytes of either encoding are the key itself.
  x=$(printf '%s\n' "$pem" | openssl pkey -pubout -outform DER | tail -c 32 | base64url)
  d=$(printf '%s\n' "$pem" | openssl pkey -outform DER | tail -c 32 | base64url)
  thumbprint=$(printf '{"crv":"Ed25519","kty":"OKP","x":"%s"}' "$x" | openssl dgst -sha256 -binary | base64url)
  keep_secret signing-key Opaque \
    "SIGNING_KEY={\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"$x\",\"d\":\"$d\",\"kid\":\"$thumbprint\",\"alg\":\"EdDSA\",\"use\":\"sig\"}"
}

# publish_verification_key: what the edge serves, so that no function has to wake up for it. A set that has the key is left as it is:
# while keys are changed, the old one is in it too.
publish_verification_key() {
  local key kid
  key=$(in_bank get secret signing-key --output 'jsonpath={.data.SIGNING_KEY}' | openssl base64 -A -d)
  kid=$(printf '%s' "$key" | sed -n 's/.*"kid":"\([^"]*\)".*/\1/p')
  if in_bank get configmap verification-keys --output 'jsonpath={.data}' 2>/dev/null | grep -qF "${kid:-none}"; then return; fi
  # The private part stays behind.
  key=$(printf '%s' "$key" | sed 's/"d":"[^"]*",\{0,1\}//')
  case $key in *'"d"'*) die "signing-key cannot be read: its private part would be published" ;; esac
  printf '{"keys":[%s]}' "$key" |
    in_bank create configmap verification-keys --from-file=jwks.json=/dev/stdin --dry-run=client --output yaml |
    kubectl apply --server-side --field-manager=microbank-up --filename - >/dev/null
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
