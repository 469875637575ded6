#!/usr/bin/env bash
# Installs what building and testing mod_gojk need and this machine lacks, and says so. Debian and its relatives; elsewhere it names what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

need=(apache2 apache2-dev libapache2-mod-jk tomcat10 wrk strace gcc make curl binutils)
missing=()
for package in "${need[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null || { echo "missing: ${missing[*]} (no apt-get here: install them by hand)"; exit 1; }
    sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    echo "installing Debian packages: ${missing[*]}"
    # The packages' services must not start: the tests start their own on loopback.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
        $sudo chmod 755 "$policy"
        trap '$sudo rm -f "$policy"' EXIT
    fi
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

command -v go >/dev/null || { echo "missing: Go 1.26 (https://go.dev/dl/)"; exit 1; }
minor=$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
[ "${minor:-0}" -ge 26 ] || { echo "Go is $(go env GOVERSION), mod_gojk is built with Go 1.26"; exit 1; }
stamp=build/.modules
if [ ! -e "$stamp" ] || [ go.sum -nt "$stamp" ]; then
    echo "fetching Go modules"
    go mod download
    mkdir -p build && touch "$stamp"
fi
