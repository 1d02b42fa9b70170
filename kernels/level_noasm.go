//go:build !amd64 || purego

package kernels

// Available reports whether this machine and this build can run the level.
func (l Level) Available() bool { return l == Generic }
