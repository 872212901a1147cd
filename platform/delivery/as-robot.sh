#!/usr/bin/env bash
# Lets this checkout push with the token of the workflow that runs, and commit under the robot's name. The token stays out of addresses and of
# the checkout of every job that does not push: only the two that do call this.
set -euo pipefail
: "${GITHUB_TOKEN:?is the token to push with}" "${GITHUB_REPOSITORY:?is owner/name}"
server=${GITHUB_SERVER_URL:-https://github.com}
git config user.name 'github-actions[bot]'
git config user.email '41898282+github-actions[bot]@users.noreply.github.com'
git config credential.helper "!f() { echo username=x-access-token; echo \"password=\$GITHUB_TOKEN\"; }; f"
git remote set-url origin "$server/$GITHUB_REPOSITORY.git"
