#!/bin/sh
# Install the driver from its lock file; `npm ci` checks every package's digest.
set -eu
cd "$(dirname "$0")"
cmp -s package-lock.json "$1/package-lock.json" && [ -d "$1/node_modules" ] && exit 0
rm -rf "$1/node_modules"
cp package.json package-lock.json "$1/"
cd "$1"
npm ci --ignore-scripts --no-audit --no-fund --silent
