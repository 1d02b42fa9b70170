//go:build linux || darwin

package kernels

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// guardedPages returns whole pages for at least size bytes, between two pages
// that fault when touched.
func guardedPages(t *testing.T, size int) []byte {
	t.Helper()
	page := syscall.Getpagesize()
	n := roundUp(size, page)
	all, err := syscall.Mmap(-1, 0, n+2*page, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Munmap(all)) })
	inner := all[page : page+n : page+n]
	require.NoError(t, syscall.Mprotect(inner, syscall.PROT_READ|syscall.PROT_WRITE))
	return inner
}
