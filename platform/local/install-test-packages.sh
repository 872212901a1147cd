#!/usr/bin/env bash
# Installs what the tests need of the system and no npm package brings, from Debian: RabbitMQ, Prometheus, PgBouncer, nginx, pgbench for the
# bench's test, Chromium with a font for the pages', and shellcheck. Of Go's modules kustomize, which Debian has not, for the manifests.
# Each test that needs a server starts one of its own; the system's services would only take memory and the usual ports, and are
# kept from starting. Where this cannot install, it says so and leaves it to the tests to fail.
set -uo pipefail

# Built once into the user's cache, where platform/check looks for it, unless kustomize or a kubectl that has it is there already.
kustomize_version=v5.7.1
kustomize_folder=${XDG_CACHE_HOME:-$HOME/.cache}/microbank/kustomize-$kustomize_version
if ! [ -x "$kustomize_folder/kustomize" ] && ! command -v kustomize >/dev/null &&
  ! kubectl version --client 2>/dev/null | grep -q 'Kustomize Version: v[5-9]'; then
  if command -v go >/dev/null; then
    echo "Building kustomize $kustomize_version …"
    GOBIN=$kustomize_folder GOFLAGS='' go install "sigs.k8s.io/kustomize/kustomize/v5@$kustomize_version" ||
      echo "It could not be built; npm run check:manifests will fail without kustomize or kubectl" >&2
  else
    echo "There is neither kustomize nor kubectl, nor Go to build it: npm run check:manifests will fail" >&2
  fi
fi

missing=()
if ! [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || ! command -v epmd >/dev/null; then missing+=(rabbitmq-server); fi
if ! command -v prometheus >/dev/null; then missing+=(prometheus); fi
if ! command -v pgbouncer >/dev/null && ! [ -x /usr/sbin/pgbouncer ]; then missing+=(pgbouncer); fi
if ! [ -x /usr/sbin/nginx ]; then missing+=(nginx-light); fi
for module in stream http-brotli-static; do
  if ! compgen -G "/usr/lib/nginx/modules/ngx_${module//-/_}_module.so" >/dev/null; then missing+=("libnginx-mod-$module"); fi
done
if ! command -v openssl >/dev/null; then missing+=(openssl); fi
if ! [ -x "${CHROMIUM:-/usr/bin/chromium}" ]; then missing+=(chromium); fi
if ! compgen -G '/usr/share/fonts/*/*/*.[to]tf' >/dev/null; then missing+=(fonts-liberation); fi
# Debian's pgbench in the PATH is a wrapper that stays when pgbench itself is not there, so it is asked.
if ! pgbench --version >/dev/null 2>&1 && ! compgen -G '/usr/lib/postgresql/*/bin/pgbench' >/dev/null; then missing+=(postgresql-contrib); fi
if ! command -v shellcheck >/dev/null; then missing+=(shellcheck); fi
if [ "${#missing[@]}" -eq 0 ]; then exit 0; fi

as_root=''
if [ "$(id -u)" -ne 0 ]; then as_root='sudo -n'; fi
if ! command -v apt-get >/dev/null || ! $as_root true 2>/dev/null; then
  echo "This user cannot install what the tests need: apt-get install ${missing[*]}. Tests that need it will fail." >&2
  exit 0
fi

echo "Installing system packages that the tests need: ${missing[*]} …"
policy=/usr/sbin/policy-rc.d
made=''
# Asked by every Debian package before it starts a service; 101 is "no". One that is there already belongs to somebody else.
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null && $as_root chmod 755 "$policy" && made=yes
fi
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
code=$?
if [ -n "$made" ]; then $as_root rm -f "$policy"; fi
if [ "$code" -ne 0 ]; then echo "They could not be installed (apt-get install ${missing[*]}); tests that need them will fail" >&2; fi
exit 0
