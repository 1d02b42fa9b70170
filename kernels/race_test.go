//go:build race

package kernels

// The race detector makes sync.Pool forget at random.
const poolsForget = true
