//go:build !amd64 || purego

package kernels

const portable isa = 0

func isaOf[T Float](Level) isa { return portable }
