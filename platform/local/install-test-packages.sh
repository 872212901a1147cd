#!/usr/bin/env bash
# Installs what the tests need of the system: RabbitMQ is the one server that no npm package brings, so it is Debian's.
# Each test that needs one starts a node of its own; the system's service would only take memory and the usual ports, and is
# kept from starting. Where this cannot install, it says so and leaves it to the tests to fail.
set -uo pipefail

if [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] && command -v epmd >/dev/null; then exit 0; fi

as_root=''
if [ "$(id -u)" -ne 0 ]; then as_root='sudo -n'; fi
if ! command -v apt-get >/dev/null || ! $as_root true 2>/dev/null; then
  echo 'RabbitMQ is missing, and this user cannot install it: apt-get install rabbitmq-server. Tests that need it will fail.' >&2
  exit 0
fi

echo 'Installing the system package rabbitmq-server, which the tests need …'
policy=/usr/sbin/policy-rc.d
made=''
# Asked by every Debian package before it starts a service; 101 is "no". One that is there already belongs to somebody else.
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null && $as_root chmod 755 "$policy" && made=yes
fi
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends rabbitmq-server >/dev/null
code=$?
if [ -n "$made" ]; then $as_root rm -f "$policy"; fi
if [ "$code" -ne 0 ]; then echo 'RabbitMQ could not be installed (apt-get install rabbitmq-server); its tests will fail' >&2; fi
exit 0
