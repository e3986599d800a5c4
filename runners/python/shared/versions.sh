#!/bin/sh
# versions.sh PACKAGE: the releases of a package, as pip finds them with its own settings, one a line.
set -eu

package=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python=${PYTHON:-python3}
if ! "$python" -m pip --version >/dev/null 2>&1; then # as in an environment made by another tool
    "$python" -m venv "$work/venv"
    python=$work/venv/bin/python
fi
"$python" -m pip index versions --disable-pip-version-check --pre "$package" >"$work/answer"
sed -n 's/^Available versions: *//p' "$work/answer" | tr -d ' ' | tr ',' '\n'
