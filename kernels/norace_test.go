//go:build !race

package kernels

const poolsForget = false
