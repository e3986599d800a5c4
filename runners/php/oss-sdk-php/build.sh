#!/bin/sh
# build.sh OUT SOURCE: the runner with the PHP SDK below OUT/vendor.
# SOURCE is a release (2.7.0), fetched by Composer with the user's own COMPOSER_* settings, or
# path:DIR, a checkout that is only read.
set -eu

out=$1
source=$2
here=$(cd "$(dirname "$0")" && pwd)
package=aliyuncs/oss-sdk-php

fail() {
    printf 'build.sh: %s\n' "$@" >&2
    exit 1
}

[ $# -eq 2 ] || fail "$package has no dependencies to pin: libcurl comes with PHP"

mkdir -p "$out"
rm -rf "$out/vendor"

case $source in
path:*)
    checkout=${source#path:}
    [ -f "$checkout/src/OSS/OssClient.php" ] && [ -f "$checkout/autoload.php" ] ||
        fail "$checkout is no checkout of $package: src/OSS/OssClient.php or autoload.php is missing"
    # Where Composer would put it, with the checkout's own autoloader behind Composer's name.
    mkdir -p "$out/vendor/$package"
    cp -R "$checkout/src" "$checkout/autoload.php" "$out/vendor/$package"
    chmod -R u+w "$out/vendor/$package"
    printf "<?php\nrequire_once __DIR__ . '/%s/autoload.php';\n" "$package" >"$out/vendor/autoload.php"
    ;;
*)
    remedy="use a checkout of the SDK instead: lane php@path:DIR"
    command -v composer >/dev/null ||
        fail "composer, which fetches $package, is not installed" \
            "fix: apt-get install composer unzip; or $remedy"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    cp "$here/composer.json" "$work"
    unset COMPOSER COMPOSER_VENDOR_DIR # they would name the files of another project
    composer require --working-dir="$work" --no-interaction --no-progress --prefer-dist \
        "$package:$source" >&2 ||
        fail "composer could not fetch $package $source; its own words are above" \
            "fix: name a registry that can be reached in COMPOSER_HOME/config.json; or $remedy"
    # A repository of type path is linked, and nothing outside OUT goes into an image.
    cp -RL "$work/vendor" "$out/vendor"
    ;;
esac

cp "$here/runner.php" "$here/protocol.php" "$out"
