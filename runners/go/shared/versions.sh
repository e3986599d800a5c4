#!/bin/sh
# versions.sh MODULE: the releases of a module, as the go command finds them with the user's GOPROXY,
# GOPRIVATE and the like, one a line.
set -eu

module=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Settings of a module or workspace around this folder would answer for another build.
GOTOOLCHAIN=local GOWORK=off GO111MODULE=on go list -m -versions "$module" >answer
tr ' ' '\n' <answer | sed 1d # the first word is the module
