package kernels

import "runtime"

// portableFuses reports whether portable Go rounds a multiply-add once, as the assembly
// does. It does on architectures all of whose processors have the instruction, since there
// the compiler fuses a·b+c.
const portableFuses = runtime.GOARCH == "arm64" || runtime.GOARCH == "loong64" || runtime.GOARCH == "ppc64" ||
	runtime.GOARCH == "ppc64le" || runtime.GOARCH == "riscv64" || runtime.GOARCH == "s390x"

// mulAdd returns a·b+c, rounded once if portableFuses, else twice. Portable code must use
// it for every multiply-add, and negate an operand where it would subtract: elsewhere a
// compiler that may fuse does so in some loops and not in others (for GOAMD64=v3, only
// where no operand comes from memory), and does not fuse c-a·b wherever it fuses a·b+c
// (ppc64le, s390x). mulAdd does not call [math.FMA], which does not take float32, needs a
// branch on amd64, and is far slower where the instruction is missing.
func mulAdd[T Float](a, b, c T) T {
	if portableFuses {
		return a*b + c
	}
	return T(a*b) + c // a conversion keeps the compiler from fusing
}
