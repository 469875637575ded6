#!/usr/bin/env bash
# Runs every fuzz target of the project for FUZZTIME (a time, or a number of runs as 20000x, the default) each. A finding is written to the package's testdata/fuzz: commit it with the mend.
set -euo pipefail
cd "$(dirname "$0")/.."
grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u | while read -r package; do
    for target in $(grep -ho '^func Fuzz[A-Za-z0-9_]*' "$package"/*_test.go | sed 's/func //' | sort -u); do
        echo "$package $target"
        go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-20000x}" -parallel 2 | grep -vE '^(fuzz: elapsed|PASS|ok)' || [ "${PIPESTATUS[0]}" = 0 ]
    done
done
