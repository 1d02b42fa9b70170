package kernels

import "runtime"

// portableFuses is whether portable Go rounds a multiply-add once, as the assembly
// does: on the architectures that have the instruction wherever they run, since
// there the compiler fuses a·b+c.
const portableFuses = runtime.GOARCH == "arm64" || runtime.GOARCH == "loong64" || runtime.GOARCH == "ppc64" ||
	runtime.GOARCH == "ppc64le" || runtime.GOARCH == "riscv64" || runtime.GOARCH == "s390x"

// mulAdd returns a·b+c, rounded once if portableFuses, else twice. Portable code
// writes no multiply-add in another way, and negates an operand rather than
// subtract: where compilers may fuse, they do it in some loops and not in others
// (with GOAMD64=v3 where no operand comes from memory), and c-a·b not everywhere
// where they fuse a·b+c (ppc64le, s390x). It does not call [math.FMA], which has
// no float32, and takes a branch on amd64 and far longer where there is no
// instruction.
func mulAdd[T Float](a, b, c T) T {
	if portableFuses {
		return a*b + c
	}
	return T(a*b) + c // a conversion keeps the compiler from fusing
}
