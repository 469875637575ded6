package shm

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Mapping is one process's view of the shared mapping. Safe for concurrent use.
type Mapping struct {
	mem  unsafe.Pointer
	self identity

	// detached is set once this child has given its counts back; what it counts afterwards is not counted.
	detached atomic.Bool

	slot   int     // of this child, written by Attach; -1: none
	counts *shares // this child's; outside the mapping while it has no slot

	mu        sync.Mutex // taken before the shared lock
	workers   index
	balancers index
	members   index
}

// Errors of this package that a caller may want to tell apart.
var (
	// ErrMapping says that the memory is not a mapping of this version.
	ErrMapping = errors.New("shm: not a mapping of this version")
	// ErrFull says that a table has no room left.
	ErrFull = errors.New("shm: no room left")
	// ErrName says that a name is empty or longer than NameMax.
	ErrName = errors.New("shm: bad name")
	// ErrTooLarge says that a configuration does not fit into its slot.
	ErrTooLarge = errors.New("shm: configuration too large")
	// ErrMoved says that another process has put a configuration into force meanwhile.
	ErrMoved = errors.New("shm: the configuration has changed meanwhile")
)

// New returns a view of the mapping at mem: Size bytes, aligned to a page, which must outlive the view. It reads nothing;
// see Check and Format.
func New(mem unsafe.Pointer) *Mapping {
	return &Mapping{mem: mem, self: selfIdentity(), slot: -1, counts: new(shares)}
}

// Format makes the records area usable. Once per generation, by the checker, on memory that is still all zero.
func (m *Mapping) Format() {
	t := m.tables()
	t.formatted.Store(time.Now().UnixNano())
	t.magic.Store(recordsMagic)
}

// Check reports whether mem is a formatted mapping of this version; the error wraps ErrMapping.
func (m *Mapping) Check() error {
	if err := m.checkHeader(); err != nil {
		return err
	}
	if got := m.tables().magic.Load(); got != recordsMagic {
		return fmt.Errorf("%w: records magic %#x", ErrMapping, got)
	}
	return nil
}

func (m *Mapping) checkHeader() error {
	h := m.header()
	if h.magic != Magic {
		return fmt.Errorf("%w: magic %#x", ErrMapping, h.magic)
	}
	if h.layout != Layout {
		return fmt.Errorf("%w: layout %d, want %d", ErrMapping, h.layout, Layout)
	}
	if h.size != Size {
		return fmt.Errorf("%w: %d bytes, want %d", ErrMapping, h.size, Size)
	}
	return nil
}

// Generation is 1 after a start of httpd and one more after each restart.
func (m *Mapping) Generation() uint64 { return m.header().generation }

// ParentPID is the process id of httpd's parent.
func (m *Mapping) ParentPID() uint32 { return m.header().parentPID }

// Epoch says which configuration is in force; 0 is the one that the parent wrote. One atomic load.
func (m *Mapping) Epoch() uint64 { return m.header().configEpoch.Load() }

// Config is the configuration of an epoch, borrowed: while the next but one is published, the same bytes are written again. Who has copied or
// decoded it calls Epoch once more and starts over if that has moved.
func (m *Mapping) Config(epoch uint64) []byte {
	slot := epoch % 2
	length := min(m.header().configLength[slot].Load(), ConfigSlot)
	start := unsafe.Add(m.mem, ConfigOffset+slot*ConfigSlot)
	return unsafe.Slice((*byte)(start), length)
}

// FitsConfig returns an ErrTooLarge for a configuration that PublishConfig has no room for.
func FitsConfig(blob []byte) error {
	if len(blob) > ConfigSlot {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(blob), ConfigSlot)
	}
	return nil
}

// PublishConfig puts another configuration into force in place of that of an epoch, and returns the new epoch. Any process. An ErrTooLarge, or an
// ErrMoved because that epoch is over, changes nothing.
func (m *Mapping) PublishConfig(over uint64, blob []byte) (uint64, error) {
	if err := FitsConfig(blob); err != nil {
		return 0, err
	}
	m.Lock()
	defer m.Unlock()
	h := m.header()
	if h.configEpoch.Load() != over {
		return 0, ErrMoved
	}
	epoch := over + 1
	slot := epoch % 2
	h.configLength[slot].Store(uint64(len(blob)))
	copy(m.Config(epoch), blob)
	h.configEpoch.Store(epoch)
	return epoch, nil
}

// Said is what has been said lately, by all children.
func (m *Mapping) Said() *Said { return &m.tables().said }
