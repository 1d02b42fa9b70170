//go:build !linux && !darwin

package kernels

import "testing"

func guardedPages(_ *testing.T, size int) []byte { return make([]byte, roundUp(size, 4096)) }
