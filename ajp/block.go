// Licensed under the Apache License, Version 2.0; see LICENSE.

package ajp

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// block is the memory of one connection: one anonymous mapping outside Go's heap, because the host, which is C, sees
// parts of it during Respond, and because the collector need not look at it. Pages that were never used cost nothing, so
// everything has its worst-case size. Owned by a Conn.
type block struct {
	mem unsafe.Pointer
	len int
	// packet is the packet size it was made for, in bytes; 0: not mapped.
	packet int

	resp *Response
	// headers has no element and room for those of the longest SEND_HEADERS, and those of AddHeader.
	headers []Header
	// chunks has no element and room for as many chunks as fit recv.
	chunks []string
	// send holds a FORWARD_REQUEST and a packet of body data; when they are sent, the next packet of body data in its first half, and in
	// Host.Respond the texts of AddHeader in its second.
	send []byte
	// recv holds at least the longest head, HoldBack and the longest packet.
	recv []byte
}

// minRecv is the smallest receive buffer in bytes: one receive call can take this much.
const minRecv = 64 << 10

// minChunk is the size of the shortest packet that carries response body data, in bytes.
const minChunk = headerSize + chunkOverhead + 1

// mapFor makes the block fit packets of the given size. It is as it was on failure.
func (b *block) mapFor(packet int) error {
	if b.packet == packet {
		return nil
	}
	recv := max(minRecv, 2*(packet+headerSize)+2*HoldBack)
	headers, chunks := packet/minHeader+addedHeaders, recv/minChunk
	sizes := [...]int{
		int(unsafe.Sizeof(Response{})) + headers*int(unsafe.Sizeof(Header{})),
		chunks * int(unsafe.Sizeof("")),
		2 * packet,
		recv,
	}
	var at [len(sizes)]int
	total := 0
	for i, size := range sizes {
		at[i] = total
		total += (size + 4095) &^ 4095
	}
	mem, err := mapMemory(total)
	if err != nil {
		return err
	}
	b.unmap()
	*b = block{mem: mem, len: total, packet: packet}
	b.resp = (*Response)(mem)
	b.headers = unsafe.Slice((*Header)(unsafe.Add(mem, unsafe.Sizeof(Response{}))), headers)[:0]
	b.chunks = unsafe.Slice((*string)(unsafe.Add(mem, at[1])), chunks)[:0]
	b.send = unsafe.Slice((*byte)(unsafe.Add(mem, at[2])), sizes[2])
	b.recv = unsafe.Slice((*byte)(unsafe.Add(mem, at[3])), sizes[3])
	return nil
}

// mapMemory maps zeroed memory. Huge pages are declined: connections use a few small pages each.
func mapMemory(size int) (unsafe.Pointer, error) {
	mem, err := unix.MmapPtr(-1, 0, nil, uintptr(size), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err == nil {
		_ = unix.Madvise(unsafe.Slice((*byte)(mem), size), unix.MADV_NOHUGEPAGE)
	}
	return mem, err
}

// unmap gives the memory back. Nothing may refer to it any more.
func (b *block) unmap() {
	if b.mem != nil {
		_ = unix.MunmapPtr(b.mem, uintptr(b.len))
	}
	*b = block{}
}
