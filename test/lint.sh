#!/usr/bin/env bash
# Formatting, vet, layout of C, the rules of the architecture, shell scripts. Prints what is wrong, exits 1 if anything is.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
bad=0
complain() {
    [ -z "$2" ] || { echo "$1:"; echo "$2" | sed 's/^/  /'; bad=1; }
}

complain "not formatted (gofmt -w)" "$(gofmt -l ajp balancer module test)"
complain "go vet" "$(go vet ./... 2>&1)"

# Imports point one way: module -> module/internal/* -> balancer -> balancer/shm, service -> ajp (design: docs/internals.md).
imports() { go list -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}} {{.}}{{"\n"}}{{end}}' ./ajp/... ./balancer/... ./module/... | grep -v '/ajptest '; }
all=$(imports)
complain "ajp imports upwards or sideways" "$(grep -E '^mod_gojk/ajp[^ ]* mod_gojk/(balancer|module)' <<<"$all")"
complain "balancer imports upwards or sideways" "$(grep -E '^mod_gojk/balancer[^ ]* mod_gojk/(ajp|module)' <<<"$all")"
complain "shm imports upwards" "$(grep -E '^mod_gojk/balancer/shm mod_gojk/' <<<"$all")"
complain "cgo outside module/" "$(go list -f '{{if .CgoFiles}}{{.ImportPath}}{{end}}' ./... | grep -v '^mod_gojk/module$')"
# Each of these costs every httpd child memory.
heavy=$(go list -deps ./module | grep -xE 'net|net/http|encoding/json|html/template|text/template|crypto/tls')
complain "too heavy for a library in every child" "$heavy"

command -v shellcheck >/dev/null && complain "shellcheck" "$(shellcheck -S warning test/*.sh test/abi/*.sh .ci/run 2>&1)"
command -v clang-format >/dev/null && complain "not formatted (clang-format -i)" "$(clang-format --dry-run --Werror cgo_bridge.c mod_gojk.h test/abi/testdata/*.c test/bench/*/*.c test/bench/*/*.h 2>&1 | grep -E 'error' | head -5)"
complain "the shim is not thin any more" "$(awk 'END { if (NR > 2100) print "cgo_bridge.c has " NR " lines" }' cgo_bridge.c)"
exit $bad
