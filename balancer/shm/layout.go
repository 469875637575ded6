package shm

import (
	"sync/atomic"
	"unsafe"
)

// What mod_gojk.h fixes. A test compares these with the header file.
const (
	Magic         = 0x314d48534b4a4f47 // GOJK_SHM_MAGIC
	Layout        = 1                  // GOJK_SHM_LAYOUT
	ConfigOffset  = 4096               // GOJK_SHM_CONFIG_OFFSET
	ConfigSlot    = 16 << 20           // GOJK_SHM_CONFIG_SLOT, bytes
	RecordsOffset = ConfigOffset + 2*ConfigSlot
	Size          = 128 << 20 // GOJK_SHM_SIZE, bytes
	NameMax       = 63        // GOJK_NAME_MAX, bytes
)

// How many records there is room for.
const (
	MaxWorkers   = 4096
	MaxBalancers = 1024
	MaxMembers   = 16384
	MaxChildren  = 768
	MaxFiles     = 1024
)

// SaidSlots is how many different log lines one interval has room for.
const SaidSlots = 64

// Said holds until when a log line has been said, by slot: Unix nanoseconds. All children share it, so that a line that is to come once a
// minute comes once a minute.
type Said [SaidSlots]atomic.Int64

// recordsMagic marks a formatted records area: "GOJKREC2" in memory. Another layout gets another digit.
const recordsMagic = 0x324345524b4a4f47

// Offsets in bytes from RecordsOffset.
const (
	tablesOffset    = 0
	workersOffset   = tablesOffset + 4096
	balancersOffset = workersOffset + MaxWorkers*workerSize
	membersOffset   = balancersOffset + MaxBalancers*balancerSize
	childrenOffset  = membersOffset + MaxMembers*memberSize
	sharesOffset    = childrenOffset + MaxChildren*childSize
	filesOffset     = sharesOffset + MaxChildren*sharesSize
	recordsEnd      = filesOffset + MaxFiles*fileSize
)

// Sizes of records in bytes.
const (
	workerSize   = 1024
	balancerSize = 512
	memberSize   = 512
	childSize    = 64
	fileSize     = 512
	sharesSize   = 8*MaxWorkers + 4*MaxBalancers + 4*MaxMembers
)

// The records must fit, and Go must lay them out as the constants say: a negative constant does not compile.
const (
	_ = uint(Size - RecordsOffset - recordsEnd)
	_ = uint(workerSize-unsafe.Sizeof(workerRecord{})) + uint(unsafe.Sizeof(workerRecord{})-workerSize)
	_ = uint(balancerSize-unsafe.Sizeof(balancerRecord{})) + uint(unsafe.Sizeof(balancerRecord{})-balancerSize)
	_ = uint(memberSize-unsafe.Sizeof(memberRecord{})) + uint(unsafe.Sizeof(memberRecord{})-memberSize)
	_ = uint(childSize-unsafe.Sizeof(childRecord{})) + uint(unsafe.Sizeof(childRecord{})-childSize)
	_ = uint(fileSize-unsafe.Sizeof(fileRecord{})) + uint(unsafe.Sizeof(fileRecord{})-fileSize)
	_ = uint(sharesSize-unsafe.Sizeof(shares{})) + uint(unsafe.Sizeof(shares{})-sharesSize)
)

// header is gojk_shm_header. The parent writes it before any child exists; only the epoch and the lengths change later.
type header struct {
	magic        uint64
	layout       uint32
	parentPID    uint32
	generation   uint64
	size         uint64
	configEpoch  atomic.Uint64
	configLength [2]atomic.Uint64
}

// tables is the head of the records area.
type tables struct {
	magic     atomic.Uint64
	lock      atomic.Uint64 // identity of the owner, 0: free
	workers   atomic.Uint64 // records in use; a record is complete before it is counted
	balancers atomic.Uint64
	members   atomic.Uint64
	children  atomic.Uint64 // slots that have ever been used
	formatted atomic.Int64  // when; Unix nanoseconds
	reaped    atomic.Int64  // when a child looked for dead ones last; Unix nanoseconds, 0: never
	said      Said
}

// workerRecord is one ajp worker. Times are Unix nanoseconds, 0: never.
type workerRecord struct {
	// The first line is what a request touches.
	state        atomic.Uint64
	busy         atomic.Int64
	maxBusy      atomic.Int64
	connected    atomic.Int64
	maxConnected atomic.Int64
	used         atomic.Uint64
	read         atomic.Uint64
	transferred  atomic.Uint64

	errors        atomic.Uint64
	clientErrors  atomic.Uint64
	replyTimeouts atomic.Uint64
	errorTime     atomic.Int64
	lastReset     atomic.Int64
	lastMaintain  atomic.Int64
	usedSnapshot  atomic.Uint64
	sequence      atomic.Uint64 // of the settings

	address addressWords

	lastResolve atomic.Int64  // when the host was looked up
	unresolved  atomic.Uint64 // 1: the last lookup failed

	name text
	host textSetting

	settings [workerSettings]setting
	_        [128 - 4*8 - 9 - 2*workerSettings]uint64
}

// balancerRecord is one lb worker.
type balancerRecord struct {
	tie          atomic.Uint64 // where the next scan starts: index of the member chosen last, plus 1
	busy         atomic.Int64
	maxBusy      atomic.Int64
	sequence     atomic.Uint64 // of the settings of the balancer and all its members
	lastMaintain atomic.Int64
	lastReset    atomic.Int64
	_            [2]uint64

	name text

	settings [balancerSettings]setting
	_        [64 - 2*8 - 2*balancerSettings]uint64
}

// memberRecord is one member of one balancer.
type memberRecord struct {
	// The first line is what choosing reads and what a request touches.
	state          atomic.Uint64
	value          atomic.Uint64
	busy           atomic.Int64
	elected        atomic.Uint64
	sessions       atomic.Uint64
	errors         atomic.Uint64
	firstErrorTime atomic.Int64
	lastErrorTime  atomic.Int64

	balancer        atomic.Uint64 // index of its balancer
	electedSnapshot atomic.Uint64
	lastReset       atomic.Int64
	unreachable     atomic.Uint64 // 1: its worker has no address
	_               [4]uint64

	name text

	route    textSetting
	domain   textSetting
	redirect textSetting

	settings [memberSettings]setting
	_        [64 - 3*8 - 3*9 - 2*memberSettings]uint64
}

// childRecord says who owns a slot.
type childRecord struct {
	owner atomic.Uint64 // identity, 0: free
	_     [7]uint64
}

// shares is what one child has added to the totals. Half words: there are many of them.
type shares struct {
	workers   [MaxWorkers]workerShare
	balancers [MaxBalancers]atomic.Uint32
	members   [MaxMembers]atomic.Uint32
}

type workerShare struct {
	busy      atomic.Uint32
	connected atomic.Uint32
}

func at[T any](m *Mapping, offset uintptr) *T {
	return (*T)(unsafe.Add(m.mem, offset))
}

func (m *Mapping) header() *header { return at[header](m, 0) }

func (m *Mapping) tables() *tables { return at[tables](m, RecordsOffset+tablesOffset) }

func (m *Mapping) workerRecord(i int) *workerRecord {
	return at[workerRecord](m, RecordsOffset+workersOffset+uintptr(i)*workerSize)
}

func (m *Mapping) balancerRecord(i int) *balancerRecord {
	return at[balancerRecord](m, RecordsOffset+balancersOffset+uintptr(i)*balancerSize)
}

func (m *Mapping) memberRecord(i int) *memberRecord {
	return at[memberRecord](m, RecordsOffset+membersOffset+uintptr(i)*memberSize)
}

func (m *Mapping) childRecord(i int) *childRecord {
	return at[childRecord](m, RecordsOffset+childrenOffset+uintptr(i)*childSize)
}

func (m *Mapping) fileRecord(i int) *fileRecord {
	return at[fileRecord](m, RecordsOffset+filesOffset+uintptr(i)*fileSize)
}

func (m *Mapping) shares(i int) *shares {
	return at[shares](m, RecordsOffset+sharesOffset+uintptr(i)*sharesSize)
}
