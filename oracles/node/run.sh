#!/usr/bin/env bash
# Snowflake's Node driver against the local account.
set -euo pipefail
NODE_PATH="$ORACLE_HOME/node_modules" exec node --no-warnings "$(dirname "$0")/shows.js"
