#!/usr/bin/env bash
# Checks what a build exports: the module record and nothing else from the shim, gojk_go_* and nothing else from the library.
# An extra symbol can collide with another module's (mod_jk bug 66005). Also: glibc and a new enough Go.
set -euo pipefail
shim=$1 library=$2

exports() { nm -D --defined-only "$1" | awk '{print $3}' | grep -vE '^(_init|_fini|_edata|_end|__bss_start)$' | sort; }

[ "$(exports "$shim")" = gojk_module ] || { echo "$shim exports more than gojk_module:"; exports "$shim"; exit 1; }
extra=$(exports "$library" | grep -v '^gojk_go_' || true)
[ -z "$extra" ] || { echo "$library exports more than gojk_go_*:"; echo "$extra"; exit 1; }
version=$(go version "$library" | sed 's/.*: go1\.\([0-9]*\).*/\1/')
[ "$version" -ge 24 ] || { echo "$library was built with Go 1.$version; 1.24 or newer is needed (slow calls from C before)"; exit 1; }
readelf -d "$library" | grep -q 'libc\.so\.6' || { echo "$library is not linked with glibc"; exit 1; }
readelf -d "$shim" | grep NEEDED | grep -q gojk && { echo "$shim is linked with the library; it must load it after the fork"; exit 1; }
exit 0
