#!/bin/sh
# versions.sh GROUP:ARTIFACT: the releases of an artifact, one a line. Maven prints no such list, but
# resolving a range of versions makes it fetch the list, with the settings of whoever runs this.
set -eu

source=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. "$here/maven.sh"

group=${source%%:*}
artifact=${source#*:}
# No release is in this range, so that nothing else is fetched.
cat >"$work/pom.xml" <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>oss-bodies-conformance</groupId>
  <artifactId>versions</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>$group</groupId>
      <artifactId>$artifact</artifactId>
      <version>[0,0.0.0.1]</version>
    </dependency>
  </dependencies>
</project>
XML
: >"$work/started"
cd "$work"
# --debug names the local repository; --update-snapshots asks again for what was asked for today.
mvn "$@" --debug --update-snapshots \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies >words 2>&1 || true
repository=$(sed -n 's/.*Using local repository at //p' words | head -n 1)
folder=${repository:-$HOME/.m2/repository}/$(printf '%s' "$group" | tr . /)/$artifact
# One file for each repository that was asked now.
find "$folder" -name 'maven-metadata-*.xml' -newer started -exec cat {} + 2>/dev/null |
    tr -d ' \t' | sed -n 's/.*<version>\(.*\)<\/version>.*/\1/p' >versions || true
if [ ! -s versions ]; then
    sed -n 's/^\[ERROR\] *\(Failed.*\)/\1/p' words >&2
    echo 'fix: a mirror in ~/.m2/settings.xml or MAVEN_MIRROR_URL' >&2
    exit 1
fi
cat versions
