#!/usr/bin/env bash
# Snowflake's Go driver against the local account.
set -euo pipefail
exec "$ORACLE_HOME/gosnowflake"
