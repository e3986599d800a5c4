#!/bin/sh
# program.sh SOURCE OUT: a program of one file, compiled with the SDK of the runner beside which this
# lies. Nothing is fetched, and nothing is written but OUT.
set -eu

export CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off GOFLAGS=-mod=vendor
kept=$(go env GOCACHE)
if [ -d "$kept" ] && [ ! -w "$kept" ]; then
    # The go command must be able to add to its cache; links do for what is there.
    GOCACHE=$(mktemp -d)
    export GOCACHE
    trap 'rm -rf "$GOCACHE"' EXIT
    cp -as "$kept/." "$GOCACHE"
fi
cd "$(dirname "$0")/module"
go build -buildvcs=false -trimpath -o "$2" "$1"
