#!/usr/bin/env bash
# Builds Prometheus 3 and its promtool from Go modules into a folder, and prints what to set so that everything here uses them:
#   observability/local/build-prometheus.sh ~/prometheus-3
# Debian's package, which `npm test` installs, is 2.42; neither npm nor PyPI has the program. A first build takes minutes, and half an hour on
# two cores that others use as well. Of the ways in which it finds what to scrape only files, DNS and Kubernetes are built in.
set -euo pipefail

FOLDER=${1:?the folder to put prometheus and promtool into}
# 3.14.0, which the kube-prometheus-stack of platform/base/monitoring brings.
VERSION=v0.314.0
RELEASE=3.14.0

command -v go >/dev/null || { echo "build-prometheus: Go is missing (1.26 or newer)" >&2; exit 1; }
mkdir -p "$FOLDER"
FOLDER=$(cd "$FOLDER" && pwd)
MODULE=$(mktemp -d)
trap 'rm -rf "$MODULE"' EXIT
cd "$MODULE"
cat >go.mod <<MODULE
module prometheus-programs

go 1.26

require github.com/prometheus/prometheus $VERSION

// What Prometheus requires of it indirectly, and an older one, both have a package that another module took over.
replace cloud.google.com/go => cloud.google.com/go v0.123.0
MODULE
cat >programs.go <<'PROGRAMS'
//go:build programs

package programs

import (
	_ "github.com/prometheus/prometheus/cmd/prometheus"
	_ "github.com/prometheus/prometheus/cmd/promtool"
)
PROGRAMS
export GOFLAGS=-mod=mod CGO_ENABLED=0 GOBIN=$FOLDER
go mod tidy -e >&2
go install -tags remove_all_sd,enable_kubernetes_sd,enable_dns_sd -ldflags "-s -w -X github.com/prometheus/common/version.Version=$RELEASE" \
  github.com/prometheus/prometheus/cmd/prometheus github.com/prometheus/prometheus/cmd/promtool >&2
"$FOLDER/prometheus" --version >&2
echo "export PROMETHEUS=$FOLDER/prometheus PROMTOOL=$FOLDER/promtool"
