#!/bin/sh
# Snowflake's Node driver against the local account.
set -eu
NODE_PATH="$ORACLE_HOME/node_modules" exec node --no-warnings "$(dirname "$0")/shows.js"
