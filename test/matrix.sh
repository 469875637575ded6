#!/usr/bin/env bash
# The tests through a real httpd, whole, under each process model and in each of the surroundings: `make integration-all`. About an hour.
# usage: matrix.sh [process models] [surroundings], each a list with blanks between
set -uo pipefail
cd "$(dirname "$0")/.." || exit
. test/parts.sh

for mpm in ${1:-event worker prefork}; do
    for beside in ${2:-none modules jk stack piped asan cgocheck}; do
        [ "$mpm $beside" = "prefork stack" ] && continue # its children have no threads
        part "httpd, $mpm, $beside" httpd_test "$mpm" "${beside/none/}"
    done
done
summary
