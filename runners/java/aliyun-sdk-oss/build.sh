#!/bin/sh
# build.sh OUT SOURCE [GROUP:ARTIFACT=VERSION]...: the runner with the Java SDK, as OUT/runner.jar and OUT/lib.
# SOURCE is a release (3.17.4) or path:DIR, a checkout that is only read. Maven resolves the SDK's
# whole tree with the settings and the local repository of whoever runs this.
set -eu

out=$1
source=$2
shift 2
pins=$*
here=$(cd "$(dirname "$0")" && pwd)
package=com.aliyun.oss:aliyun-sdk-oss

mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -rf "$out/lib" "$out/runner.jar" "$out/runner.jsa"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. "$here/maven.sh"

# A compiler that runs once takes half the processor time if the JVM does not optimize it.
compile() {
    javac -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -encoding UTF-8 -proc:none -cp "$out/lib/*" "$@"
}

plugins=org.apache.maven.plugins
dependencies=$plugins:maven-dependency-plugin:3.6.1

case $source in
path:*)
    checkout=${source#path:}
    if [ ! -f "$checkout/pom.xml" ] || [ ! -d "$checkout/src/main/java/com/aliyun/oss" ]; then
        echo "build.sh: $checkout is no checkout of $package:" \
            'pom.xml or src/main/java/com/aliyun/oss is missing' >&2
        exit 1
    fi
    mkdir -p "$work/sdk/src" "$work/sdk/target/classes"
    cp "$checkout/pom.xml" "$work/sdk"
    cp -R "$checkout/src/main" "$work/sdk/src"
    chmod -R u+w "$work/sdk"
    cd "$work/sdk"
    # Resources go through Maven, which fills in what the pom says is to be filled in.
    maven "$@" "$plugins:maven-resources-plugin:3.3.1:resources" \
        "$dependencies:copy-dependencies" -DincludeScope=runtime -DoutputDirectory="$out/lib"
    # The pom asks for language level 6, which JDK 12 and later refuse; 8 is what they all take.
    find src/main/java -name '*.java' >"$work/sources"
    compile --release 8 -Xlint:none -d target/classes "@$work/sources"
    jar --create --file "$out/lib/aliyun-sdk-oss-checkout.jar" -C target/classes .
    ;;
*)
    cd "$work"
    # What dependencyManagement names goes before what the poms of others ask for.
    for pin in $pins; do
        name=${pin%%=*}
        printf '<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>' \
            "${name%%:*}" "${name#*:}" "${pin#*=}"
    done >managed
    awk -v managed="$(cat managed)" '/<dependencies>/ && managed {
            print "<dependencyManagement><dependencies>" managed "</dependencies></dependencyManagement>"
        } { print }' "$here/pom.xml" >pom.xml
    maven "$@" "$dependencies:copy-dependencies" -Dsdk.version="$source" \
        -DincludeScope=runtime -DoutputDirectory="$out/lib"
    ;;
esac

# The SDK brings Gson; a tree that no longer does gets it all the same.
ls "$out"/lib/gson-*.jar >/dev/null 2>&1 ||
    maven "$@" "$dependencies:copy" -Dartifact=com.google.code.gson:gson:2.11.0 \
        -DoutputDirectory="$out/lib"

mkdir "$work/classes"
compile -d "$work/classes" \
    "$here/Runner.java" "$here/Protocol.java" "$here/Messages.java" "$here/Rehearsal.java"
# One name for the whole class path, in an order that is the same every time: the archive insists.
{
    echo 'Class-Path: '
    for library in "$out"/lib/*.jar; do
        echo "  lib/${library##*/}"
    done
} >"$work/manifest"
jar --create --file "$out/runner.jar" --manifest "$work/manifest" -C "$work/classes" .

# Archive the classes that a call loads. Without the archive the JVM loads them one by one.
if ! {
    keytool -genkeypair -keystore "$work/identity.p12" -storetype PKCS12 -storepass changeit \
        -alias localhost -keyalg EC -dname CN=localhost -ext san=dns:localhost &&
        java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ArchiveClassesAtExit="$out/runner.jsa" \
            --add-opens java.base/java.util=ALL-UNNAMED -Djavax.net.ssl.trustStoreType=PKCS12 \
            -Djavax.net.ssl.trustStore="$work/identity.p12" \
            -Djavax.net.ssl.trustStorePassword=changeit \
            -cp "$out/runner.jar" Rehearsal "$work/identity.p12"
} >"$work/rehearsal" 2>&1 || ! grep -q '"kind":"content"' "$work/rehearsal"; then
    echo 'build.sh: no class archive; the runner works, but starts more slowly:' >&2
    tail -n 5 "$work/rehearsal" >&2
    rm -f "$out/runner.jsa"
fi
