#!/bin/sh
# build.sh OUT SOURCE [NAME=VERSION]...: the runner with oss2 in a virtual environment below OUT.
# SOURCE is a release (2.18.4) or path:DIR, a checkout that is only read. pip finds its proxy, index
# and CA in the variables it always reads. PYTHON names the interpreter to build with.
set -eu

out=$1
source=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$out"
"${PYTHON:-python3}" -m venv --clear "$out/venv"

case $source in
path:*)
    # An installation writes build folders beside setup.py, so it gets a copy without the old ones.
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    (cd "${source#path:}" && tar -cf - --exclude=./.git --exclude=./build --exclude='./*.egg-info' .) |
        tar -xf - -C "$copy"
    wanted=$copy
    ;;
*)
    wanted=oss2==$source
    ;;
esac

for pin; do
    set -- "$@" "${pin%%=*}==${pin#*=}"
    shift
done
"$out/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$wanted" "$@"
cp "$here"/*.py "$out"
