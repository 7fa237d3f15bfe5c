#!/bin/sh
# Snowflake's Go driver against the local account.
set -eu
exec "$ORACLE_HOME/gosnowflake"
