//go:build race

package gonumblas

// The race detector makes sync.Pool forget at random.
const poolsForget = true
