# shellcheck shell=bash
# What run.sh and matrix.sh share: parts that are counted. A part that fails does not keep the others from running.
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

# httpd_test MPM BESIDE ...: the tests through a real httpd.
httpd_test() {
    local mpm=$1 beside=$2 experiment=
    shift 2
    case ,$beside, in *,cgocheck,*) experiment=cgocheck2 ;; esac
    GOEXPERIMENT=$experiment GOJK_MPM=$mpm GOJK_BESIDE=$beside go_test -count=1 -timeout 20m "$@" ./test/httpd/...
}

# summary prints what failed, and fails if anything has.
summary() {
    [ ${#names[@]} = 0 ] || printf 'failed: %s\n' "${names[@]}"
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}
