//go:build !race

package gonumblas

const poolsForget = false
