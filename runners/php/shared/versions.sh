#!/bin/sh
# versions.sh PACKAGE: the releases of a package, as Composer finds them in the repositories of the
# user's own settings (a registry, or the tags of a git repository of type vcs), one a line.
set -eu

package=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! command -v composer >/dev/null; then
    echo 'versions.sh: composer is not installed; fix: apt-get install composer unzip' >&2
    exit 1
fi
cd "$work"
unset COMPOSER COMPOSER_VENDOR_DIR # they would name the files of another project
# Without a project of its own Composer would only ask its public registry.
printf '{}\n' >composer.json
composer show --no-interaction --available --all --format=json "$package" >answer
# Branches are no releases.
php -r 'foreach (json_decode(file_get_contents("answer"), true)["versions"] as $version) {
    if (!preg_match("/^dev-|-dev$/", $version)) { echo $version, "\n"; }
}'
