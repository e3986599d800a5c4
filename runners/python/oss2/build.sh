#!/bin/sh
# build.sh OUT SOURCE [NAME=VERSION]...: the runner with oss2 in a virtual environment below OUT.
# SOURCE is a release (2.18.4) or path:DIR, a checkout that is only read. pip finds its proxy, index
# and CA in the variables it always reads. PYTHON names the interpreter to build with.
set -eu

out=$1
source=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)

python=${PYTHON:-python3}
mkdir -p "$out"
# To put a pip into the environment takes longer than the SDK: pip 22.3 or newer serves another one.
if "$python" -c 'import pip; raise SystemExit([*map(int, pip.__version__.split(".")[:2])] < [22, 3])' \
    2>/dev/null; then
    "$python" -m venv --clear --without-pip "$out/venv"
    with=--python=$out/venv/bin/python
else
    "$python" -m venv --clear "$out/venv"
    python=$out/venv/bin/python
    with=--quiet
fi

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
"$python" -m pip "$with" install --quiet --disable-pip-version-check "$wanted" "$@"
cp "$here"/*.py "$out"
