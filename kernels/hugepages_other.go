//go:build !linux

package kernels

// adviseHuge does nothing: the system is not asked for huge pages here.
func adviseHuge[T Float]([]T) {}
