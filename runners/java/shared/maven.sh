# To be sourced by a build script that has set `work`, a folder of its own, and `source`. It gives the
# script Maven's options as "$@" and a function `maven`. Maven reads no proxy, mirror or argument
# variables as the other tools do; this passes them on.

# It ends before what its JVM would optimize pays.
MAVEN_OPTS="-XX:TieredStopAtLevel=1 ${MAVEN_OPTS:-}"
export MAVEN_OPTS

# Maven reads no proxy variables; the JVM that it runs in has properties of its own for the same.
proxy=${HTTPS_PROXY:-${https_proxy:-${HTTP_PROXY:-${http_proxy:-}}}}
if [ -n "$proxy" ]; then
    address=${proxy#*://}
    address=${address%%/*}
    user=
    case $address in *@*) user=${address%@*} address=${address##*@} ;; esac
    case $address in *:*) ;; *) address=$address:80 ;; esac
    # a,.b -> a|*.b
    direct=$(printf '%s' "${NO_PROXY:-${no_proxy:-}}" | tr -d ' ' | tr ',' '\n' |
        sed 's/^\./*./' | tr '\n' '|')
    for scheme in http https; do
        MAVEN_OPTS="$MAVEN_OPTS -D$scheme.proxyHost=${address%:*}"
        MAVEN_OPTS="$MAVEN_OPTS -D$scheme.proxyPort=${address##*:}"
        [ -z "$user" ] || MAVEN_OPTS="$MAVEN_OPTS -D$scheme.proxyUser=${user%%:*}"
        [ -z "$user" ] || MAVEN_OPTS="$MAVEN_OPTS -D$scheme.proxyPassword=${user#*:}"
    done
    MAVEN_OPTS="$MAVEN_OPTS -Daether.connector.http.useSystemProperties=true"
    [ -z "$direct" ] || MAVEN_OPTS="$MAVEN_OPTS -Dhttp.nonProxyHosts=${direct%|}"
fi

set -- --batch-mode --quiet --no-transfer-progress -Dstyle.color=never
if [ -n "${MAVEN_MIRROR_URL:-}" ]; then
    cat >"$work/settings.xml" <<XML
<settings><mirrors><mirror><id>mirror</id><mirrorOf>*</mirrorOf>
<url>$(printf '%s' "$MAVEN_MIRROR_URL" | sed 's/&/\&amp;/g')</url></mirror></mirrors></settings>
XML
    set -- "$@" --global-settings "$work/settings.xml"
fi
# From 3.9 on Maven reads MAVEN_ARGS by itself; before that nobody does.
# shellcheck disable=SC2086
set -- "$@" ${MAVEN_ARGS:-}
unset MAVEN_ARGS

# maven ARGUMENT...: silent unless it fails; then its own words, without its advice about options.
maven() {
    mvn "$@" >"$work/words" 2>&1 && return
    escape=$(printf '\033')
    sed -e "s/$escape\[[0-9;]*m//g" -e '/^\[ERROR\] *$/d' -e '/^\[ERROR\] \[Help/d' \
        -e '/^\[ERROR\] For more/d' -e '/[Rr]e-run Maven/d' "$work/words" >&2
    echo "build.sh: Maven cannot fetch what $source needs; its own words are above" >&2
    echo 'fix: name a release that exists; a mirror in ~/.m2/settings.xml or MAVEN_MIRROR_URL' >&2
    exit 1
}
