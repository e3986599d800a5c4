#!/bin/sh
# image.sh OUT: the runner and the parts of the suite that it uses, for the image. In host mode the
# suite's own interpreter has all that this runner needs, and nothing is built.
set -eu

out=$1
here=$(cd "$(dirname "$0")" && pwd)
suite=/opt/suite/conformance

cp "$here"/*.py "$out"
mkdir -p "$suite"
cp -R "$here/conformance/__init__.py" "$here/conformance/errors.py" "$here/conformance/model" \
    "$here/conformance/oss" "$suite"
python3 -m compileall -q /opt/suite
