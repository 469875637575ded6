#!/usr/bin/env bash
# All tests, in order of cost; what `make test` and CI run. Each part prints its own summary; the last line counts the parts.
# A part that fails does not keep the others from running.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
export GOFLAGS=${GOFLAGS:--buildvcs=false}

passed=0 failed=0 names=()
part() {
    local name=$1 start=$SECONDS
    shift
    echo "=== $name"
    if "$@"; then
        passed=$((passed + 1))
        echo "--- $name: passed in $((SECONDS - start)) s"
    else
        failed=$((failed + 1)) names+=("$name")
        echo "--- $name: FAILED after $((SECONDS - start)) s"
    fi
}

# Skipped tests count as failed: nothing here may be left out silently. The summary exits 1 for a failed, skipped or unbuildable test.
go_test() {
    go test -json "$@" | go run ./test/summary
    local status=("${PIPESTATUS[@]}")
    [ "${status[0]}" = 0 ] && [ "${status[1]}" = 0 ]
}

part lint bash test/lint.sh
part unit go_test ./ajp/... ./balancer/... ./module/...
part race go_test -race ./ajp/... ./balancer/... ./module/internal/...
part boundary go_test -count=1 ./test/abi/... ./test/install/... ./test/harness/...
part documents go_test -count=1 ./test/docs/...
part "httpd, event" env GOJK_MPM=event bash -c "$(declare -f go_test); go_test -count=1 ./test/httpd/..."
part "httpd, worker" env GOJK_MPM=worker bash -c "$(declare -f go_test); go_test -count=1 -short ./test/httpd/..."
part "httpd, prefork" env GOJK_MPM=prefork bash -c "$(declare -f go_test); go_test -count=1 -short ./test/httpd/..."
part oracle go run ./test/oracle
part benchmark go_test -count=1 ./test/bench/...
part tomcat go_test -count=1 ./test/tomcat/...
part demo-check make -s demo-check
part fuzz env FUZZTIME=5000x bash test/fuzz.sh

[ ${#names[@]} = 0 ] || printf 'failed: %s\n' "${names[@]}"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
