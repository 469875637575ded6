package shm

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestLayout_HeaderFile compares the constants with mod_gojk.h, evaluating its expressions.
func TestLayout_HeaderFile(t *testing.T) {
	text, err := os.ReadFile("../../mod_gojk.h")
	require.NoError(t, err)
	for name, want := range map[string]uint64{
		"GOJK_SHM_MAGIC":          Magic,
		"GOJK_SHM_LAYOUT":         Layout,
		"GOJK_SHM_CONFIG_OFFSET":  ConfigOffset,
		"GOJK_SHM_CONFIG_SLOT":    ConfigSlot,
		"GOJK_SHM_RECORDS_OFFSET": RecordsOffset,
		"GOJK_SHM_SIZE":           Size,
	} {
		require.Equal(t, want, evaluate(t, string(text), name), name)
	}
	found := regexp.MustCompile(`GOJK_NAME_MAX = (\d+)`).FindSubmatch(text)
	require.NotNil(t, found)
	require.Equal(t, strconv.Itoa(NameMax), string(found[1]))
}

// evaluate computes a macro of sums, products and shifts, left to right.
func evaluate(t *testing.T, text, name string) uint64 {
	t.Helper()
	found := regexp.MustCompile(`#define ` + name + ` (.*)`).FindStringSubmatch(text)
	require.NotNil(t, found, name)
	expr, _, _ := strings.Cut(found[1], "/*")
	expr = strings.NewReplacer("(", "", ")", "", "size_t", "").Replace(expr)
	var sum uint64
	for _, term := range strings.Split(expr, "+") {
		product := uint64(1)
		for _, factor := range strings.Split(term, "*") {
			value, shift, shifted := strings.Cut(factor, "<<")
			v := number(t, text, value)
			if shifted {
				v <<= number(t, text, shift)
			}
			product *= v
		}
		sum += product
	}
	return sum
}

func number(t *testing.T, text, s string) uint64 {
	t.Helper()
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "GOJK_") {
		return evaluate(t, text, s)
	}
	v, err := strconv.ParseUint(strings.TrimRight(s, "ul"), 0, 64)
	require.NoError(t, err)
	return v
}

// TestLayout_HeaderStruct compares the fields of gojk_shm_header: names, order and widths.
func TestLayout_HeaderStruct(t *testing.T) {
	text, err := os.ReadFile("../../mod_gojk.h")
	require.NoError(t, err)
	_, body, ok := strings.Cut(string(text), "typedef struct gojk_shm_header\n{")
	require.True(t, ok)
	body, _, _ = strings.Cut(body, "}")
	var got []string
	for _, f := range regexp.MustCompile(`(?m)^\s*(uint\d+)_t (\w+)(\[\d\])?;`).FindAllStringSubmatch(body, -1) {
		got = append(got, f[1]+" "+f[2]+f[3])
	}
	require.Equal(t, []string{
		"uint64 magic", "uint32 layout", "uint32 parent_pid", "uint64 generation", "uint64 size", "uint64 config_epoch",
		"uint64 config_length[2]",
	}, got)
	var h header
	requireOffsets(t, []offset{
		{"magic", unsafe.Offsetof(h.magic), 0},
		{"layout", unsafe.Offsetof(h.layout), 8},
		{"parent_pid", unsafe.Offsetof(h.parentPID), 12},
		{"generation", unsafe.Offsetof(h.generation), 16},
		{"size", unsafe.Offsetof(h.size), 24},
		{"config_epoch", unsafe.Offsetof(h.configEpoch), 32},
		{"config_length", unsafe.Offsetof(h.configLength), 40},
		{"all of it", unsafe.Sizeof(h), 56},
	})
}

type offset struct {
	name      string
	got, want uintptr
}

func requireOffsets(t *testing.T, offsets []offset) {
	t.Helper()
	for _, o := range offsets {
		require.Equal(t, o.want, o.got, o.name)
	}
}

// TestLayout_GoldenOffsets pins the layout. A change here is another layout: recordsMagic gets another digit.
func TestLayout_GoldenOffsets(t *testing.T) {
	require.EqualValues(t, 0x324345524b4a4f47, recordsMagic)
	requireOffsets(t, []offset{
		{"tables", tablesOffset, 0},
		{"workers", workersOffset, 4096},
		{"balancers", balancersOffset, 4198400},
		{"members", membersOffset, 4722688},
		{"children", childrenOffset, 13111296},
		{"shares", sharesOffset, 13160448},
		{"files", filesOffset, 91803648},
		{"end", recordsEnd, 92327936},
	})
	var ta tables
	requireOffsets(t, []offset{
		{"tables.magic", unsafe.Offsetof(ta.magic), 0},
		{"tables.lock", unsafe.Offsetof(ta.lock), 8},
		{"tables.workers", unsafe.Offsetof(ta.workers), 16},
		{"tables.balancers", unsafe.Offsetof(ta.balancers), 24},
		{"tables.members", unsafe.Offsetof(ta.members), 32},
		{"tables.children", unsafe.Offsetof(ta.children), 40},
		{"tables.formatted", unsafe.Offsetof(ta.formatted), 48},
		{"tables.reaped", unsafe.Offsetof(ta.reaped), 56},
		{"tables.said", unsafe.Offsetof(ta.said), 64},
	})
}

func TestLayout_GoldenOffsetsOfWorkers(t *testing.T) {
	var w workerRecord
	requireOffsets(t, []offset{
		{"state", unsafe.Offsetof(w.state), 0},
		{"busy", unsafe.Offsetof(w.busy), 8},
		{"maxBusy", unsafe.Offsetof(w.maxBusy), 16},
		{"connected", unsafe.Offsetof(w.connected), 24},
		{"maxConnected", unsafe.Offsetof(w.maxConnected), 32},
		{"used", unsafe.Offsetof(w.used), 40},
		{"read", unsafe.Offsetof(w.read), 48},
		{"transferred", unsafe.Offsetof(w.transferred), 56},
		{"errors", unsafe.Offsetof(w.errors), 64},
		{"clientErrors", unsafe.Offsetof(w.clientErrors), 72},
		{"replyTimeouts", unsafe.Offsetof(w.replyTimeouts), 80},
		{"errorTime", unsafe.Offsetof(w.errorTime), 88},
		{"lastReset", unsafe.Offsetof(w.lastReset), 96},
		{"lastMaintain", unsafe.Offsetof(w.lastMaintain), 104},
		{"usedSnapshot", unsafe.Offsetof(w.usedSnapshot), 112},
		{"sequence", unsafe.Offsetof(w.sequence), 120},
		{"address", unsafe.Offsetof(w.address), 128},
		{"lastResolve", unsafe.Offsetof(w.lastResolve), 176},
		{"unresolved", unsafe.Offsetof(w.unresolved), 184},
		{"name", unsafe.Offsetof(w.name), 192},
		{"host", unsafe.Offsetof(w.host), 256},
		{"settings", unsafe.Offsetof(w.settings), 328},
		{"settings, all", unsafe.Sizeof(w.settings), 12 * 16},
		{"all of it", unsafe.Sizeof(w), 1024},
	})
}

func TestLayout_GoldenOffsetsOfBalancers(t *testing.T) {
	var b balancerRecord
	requireOffsets(t, []offset{
		{"tie", unsafe.Offsetof(b.tie), 0},
		{"busy", unsafe.Offsetof(b.busy), 8},
		{"maxBusy", unsafe.Offsetof(b.maxBusy), 16},
		{"sequence", unsafe.Offsetof(b.sequence), 24},
		{"lastMaintain", unsafe.Offsetof(b.lastMaintain), 32},
		{"lastReset", unsafe.Offsetof(b.lastReset), 40},
		{"name", unsafe.Offsetof(b.name), 64},
		{"settings", unsafe.Offsetof(b.settings), 128},
		{"settings, all", unsafe.Sizeof(b.settings), 9 * 16},
		{"all of it", unsafe.Sizeof(b), 512},
	})
}

func TestLayout_GoldenOffsetsOfMembers(t *testing.T) {
	var m memberRecord
	requireOffsets(t, []offset{
		{"state", unsafe.Offsetof(m.state), 0},
		{"value", unsafe.Offsetof(m.value), 8},
		{"busy", unsafe.Offsetof(m.busy), 16},
		{"elected", unsafe.Offsetof(m.elected), 24},
		{"sessions", unsafe.Offsetof(m.sessions), 32},
		{"errors", unsafe.Offsetof(m.errors), 40},
		{"firstErrorTime", unsafe.Offsetof(m.firstErrorTime), 48},
		{"lastErrorTime", unsafe.Offsetof(m.lastErrorTime), 56},
		{"balancer", unsafe.Offsetof(m.balancer), 64},
		{"electedSnapshot", unsafe.Offsetof(m.electedSnapshot), 72},
		{"lastReset", unsafe.Offsetof(m.lastReset), 80},
		{"unreachable", unsafe.Offsetof(m.unreachable), 88},
		{"name", unsafe.Offsetof(m.name), 128},
		{"route", unsafe.Offsetof(m.route), 192},
		{"domain", unsafe.Offsetof(m.domain), 264},
		{"redirect", unsafe.Offsetof(m.redirect), 336},
		{"settings", unsafe.Offsetof(m.settings), 408},
		{"settings, all", unsafe.Sizeof(m.settings), 3 * 16},
		{"all of it", unsafe.Sizeof(m), 512},
	})
}

func TestLayout_GoldenOffsetsOfShares(t *testing.T) {
	var s shares
	requireOffsets(t, []offset{
		{"workers", unsafe.Offsetof(s.workers), 0},
		{"balancers", unsafe.Offsetof(s.balancers), 32768},
		{"members", unsafe.Offsetof(s.members), 36864},
		{"all of it", unsafe.Sizeof(s), 102400},
		{"a worker", unsafe.Sizeof(s.workers[0]), 8},
		{"a child", unsafe.Sizeof(childRecord{}), 64},
	})
}

func TestLayout_StateValues(t *testing.T) {
	for i, want := range []string{"OK/IDLE", "OK", "ERR/REC", "ERR/FRC", "OK/BUSY", "ERR", "ERR/PRB", "unknown"} {
		require.Equal(t, want, MemberState(i).String())
	}
	for i, want := range []string{"OK/IDLE", "OK", "ERR", "ERR/PRB", "unknown"} {
		require.Equal(t, want, WorkerState(i).String())
	}
}
