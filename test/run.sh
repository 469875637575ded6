#!/usr/bin/env bash
# All tests, in order of cost; what `make test` and CI run. Each part prints its own summary; the last line counts the parts.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
. test/parts.sh

part lint bash test/lint.sh
part unit go_test ./ajp/... ./balancer/... ./module/...
part race go_test -race ./ajp/... ./balancer/... ./module/internal/...
part boundary go_test -count=1 ./test/abi/... ./test/install/... ./test/harness/...
part documents go_test -count=1 ./test/docs/...
part "httpd, event" httpd_test event ""
part "httpd, worker" httpd_test worker "" -short
part "httpd, prefork" httpd_test prefork "" -short
part oracle go run ./test/oracle
part benchmark go_test -count=1 ./test/bench/...
part tomcat go_test -count=1 ./test/tomcat/...
part demo-check make -s demo-check
part fuzz env FUZZTIME=5000x bash test/fuzz.sh
summary
