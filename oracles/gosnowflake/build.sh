#!/bin/sh
# Compile the program that uses the driver; `go` checks the modules against go.sum.
set -eu
cd "$(dirname "$0")"
[ "$1/gosnowflake" -nt main.go ] && [ "$1/gosnowflake" -nt go.sum ] && exit 0
go build -trimpath -o "$1/gosnowflake" .
