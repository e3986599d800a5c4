#!/bin/sh
# build.sh OUT SOURCE [MODULE=VERSION]...: the runner, compiled with the Go SDK, as OUT/runner, and its module in OUT/module.
# SOURCE is a release (3.0.2) or path:DIR, a checkout that is only read. GOPROXY, GOSUMDB, GONOSUMDB,
# GOFLAGS and the proxy and CA variables are left to the go command.
set -eu

out=$1
source=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
module=github.com/aliyun/aliyun-oss-go-sdk

# The Go that is installed, not one that go.mod or a workspace around the temporary folder names.
export CGO_ENABLED=0 GOTOOLCHAIN=local GOWORK=off

# Go loads the roots in SSL_CERT_DIR besides SSL_CERT_FILE, and takes an empty variable for an unset
# one: the manifest names this empty folder.
mkdir -p "$out/no-other-roots"
out=$(cd "$out" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/go.mod" "$here/go.sum" "$here"/*.go "$work"

case $source in
path:*)
    checkout=${source#path:}
    if [ ! -f "$checkout/oss/client.go" ]; then
        echo "build.sh: $checkout is no checkout of $module: oss/client.go is missing" >&2
        exit 1
    fi
    mkdir "$work/sdk"
    (cd "$checkout" && tar -cf - --exclude=./.git .) | tar -xf - -C "$work/sdk"
    chmod -R u+w "$work/sdk"
    # `replace` needs a module file, and the releases up to 3.0.2 have none.
    [ -f "$work/sdk/go.mod" ] || printf 'module %s\n\ngo 1.19\n' "$module" >"$work/sdk/go.mod"
    cd "$work"
    go mod edit -require="$module@v0.0.0" -replace="$module=./sdk"
    ;;
*)
    version=v${source#v}
    case $version in
    v0.* | v1.*) ;;
    # Without a module file, a release from 2 on has this suffix.
    *) version=$version+incompatible ;;
    esac
    cd "$work"
    go mod edit -require="$module@$version"
    ;;
esac

# A requirement is only a minimum, so a pinned module replaces every version of itself.
for pin; do
    name=${pin%%=*} version=${pin#*=}
    go mod edit -replace="$name=$name@v${version#v}"
done
# go.sum pins the default release; -mod=mod adds the lines of others, checked against GOSUMDB.
go build -mod=mod -buildvcs=false -trimpath -o "$out/" .
# What program.sh compiles programs with, from no network: the module with all that it needs.
go mod vendor
rm -rf "$out/module"
mkdir "$out/module"
cp -R go.mod go.sum vendor "$out/module"
cp "$here/program.sh" "$out"
