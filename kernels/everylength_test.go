package kernels

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// lengths straddle every multiple of a vector and of an unrolled loop.
func lengths() []int {
	var ns []int
	for n := range 258 {
		ns = append(ns, n)
	}
	for _, n := range []int{512, 1024, 4096} {
		ns = append(ns, n-1, n, n+1)
	}
	return ns
}

// place says where a slice lies in a buffer between two pages that fault: at the end of the
// buffer, or so many elements after its start.
type place int

const (
	atEnd   place = -1
	atStart place = 0
	places        = 16 // atStart, and offsets at which vectors are not aligned
)

// of returns the index of the first of n elements at the place, in a buffer of room
// elements.
func (p place) of(n, room int) int {
	if p == atEnd {
		return room - n
	}
	return int(p)
}

// smallestNormal is the smallest float of T that is not subnormal.
func smallestNormal[T Float]() T {
	if unsafe.Sizeof(T(0)) == 8 {
		return T(0x1p-1022)
	}
	return T(0x1p-126)
}

// flat is an elementwise operation on slices of the same length, of which it writes the
// first few. The operations of flats are tested at every level, length and place, and for
// allocations, goroutines and the length of calls into assembly.
type flat[T Float] struct {
	name     string
	operands int
	written  int
	run      func(e *Engine[T], s [][]T)
	// element computes one element: x holds that of each operand, and it sets those that
	// are written.
	element func(e *Engine[T], x []T)
}

// alone applies f to one element, in place.
func alone[T Float](f func(e *Engine[T], dst, src []T)) func(e *Engine[T], x []T) {
	return func(e *Engine[T], x []T) { f(e, x[:1], x[len(x)-1:]) }
}

func flats[T Float]() []flat[T] {
	const alpha, momentum, decay = 0.3, 0.9, 0.01
	relu := func(x T) T {
		if x < 0 {
			return 0
		}
		return x
	}
	pass := func(gradient, y T) T {
		if y <= 0 {
			return 0
		}
		return gradient
	}
	flush := func(x T) T {
		if math.Abs(float64(x)) < float64(smallestNormal[T]()) {
			return 0
		}
		return x
	}
	step := AdamStep{3, 1e-3, 0.9, 0.999, 1e-8, decay}
	f := factorsOf[T](step)
	return []flat[T]{
		{"ReLU", 2, 1, func(e *Engine[T], s [][]T) { e.ReLU(s[0], s[1]) },
			func(_ *Engine[T], x []T) { x[0] = relu(x[1]) }},
		{"ReLU in place", 1, 1, func(e *Engine[T], s [][]T) { e.ReLU(s[0], s[0]) },
			func(_ *Engine[T], x []T) { x[0] = relu(x[0]) }},
		{"ReLUBackward", 3, 1, func(e *Engine[T], s [][]T) { e.ReLUBackward(s[0], s[1], s[2]) },
			func(_ *Engine[T], x []T) { x[0] = pass(x[1], x[2]) }},
		{"ReLUBackward over grad", 2, 1, func(e *Engine[T], s [][]T) { e.ReLUBackward(s[0], s[0], s[1]) },
			func(_ *Engine[T], x []T) { x[0] = pass(x[0], x[1]) }},
		{"ReLUBackward over y", 2, 1, func(e *Engine[T], s [][]T) { e.ReLUBackward(s[0], s[1], s[0]) },
			func(_ *Engine[T], x []T) { x[0] = pass(x[1], x[0]) }},
		{"Axpy", 2, 1, func(e *Engine[T], s [][]T) { e.Axpy(NewVec(s[0]), alpha, NewVec(s[1])) },
			func(e *Engine[T], x []T) { x[0] = multiplyAdd(e, alpha, x[1], x[0]) }},
		{"AddBias", 2, 1, func(e *Engine[T], s [][]T) { e.AddBias(NewMat(1, len(s[0]), s[0]), s[1]) },
			func(_ *Engine[T], x []T) { x[0] += x[1] }},
		{"Exp", 2, 1, func(e *Engine[T], s [][]T) { e.Exp(s[0], s[1]) }, alone((*Engine[T]).Exp)},
		{"Exp in place", 1, 1, func(e *Engine[T], s [][]T) { e.Exp(s[0], s[0]) }, alone((*Engine[T]).Exp)},
		{"Log", 2, 1, func(e *Engine[T], s [][]T) { e.Log(s[0], s[1]) }, alone((*Engine[T]).Log)},
		{"Log in place", 1, 1, func(e *Engine[T], s [][]T) { e.Log(s[0], s[0]) }, alone((*Engine[T]).Log)},
		{"SGD with decay", 2, 1, func(e *Engine[T], s [][]T) { e.SGD(s[0], nil, s[1], SGDStep{alpha, 0, decay}) },
			func(e *Engine[T], x []T) {
				d := multiplyAdd(e, decay, x[0], x[1])
				x[0] = multiplyAdd(e, -alpha, d, x[0])
			}},
		{"SGD with momentum", 3, 2, func(e *Engine[T], s [][]T) { e.SGD(s[0], s[1], s[2], SGDStep{alpha, momentum, decay}) },
			func(e *Engine[T], x []T) {
				d := multiplyAdd(e, decay, x[0], x[2])
				x[1] = flush(multiplyAdd(e, momentum, x[1], d))
				x[0] = multiplyAdd(e, -alpha, x[1], x[0])
			}},
		{"Adam", 4, 3, func(e *Engine[T], s [][]T) { e.Adam(s[0], s[1], s[2], s[3], step) },
			func(e *Engine[T], x []T) {
				d := multiplyAdd(e, f.decay, x[0], x[3])
				x[1] = flush(multiplyAdd(e, f.gain1, d, T(f.beta1*x[1])))
				x[2] = flush(multiplyAdd(e, T(f.gain2*d), d, T(f.beta2*x[2])))
				root := T(math.Sqrt(float64(x[2])))
				x[0] = multiplyAdd(e, -f.rate, T(x[1]/T(root+f.epsilon)), x[0])
			}},
	}
}

// operands returns slices of n zeros, as many as an operation takes at most.
func operands[T Float](n int) [][]T {
	return [][]T{make([]T, n), make([]T, n), make([]T, n), make([]T, n)}
}

// testFlat runs every operation on slices of every length at every place, with NaN,
// infinities and subnormals among their numbers, and checks the memory beside them.
func testFlat[T Float](t *testing.T) {
	const beside = 4 * 16 // elements of four vectors of the widest kind
	long := []int{pieceElements - 1, pieceElements, pieceElements + 1, 3*pieceElements + 5}
	step := place(1)
	if poolsForget || testing.Short() { // which is slow
		long, step = long[2:3], 16
	}
	room := roundUp(slices.Max(long)+places, 4096) // whole pages
	rng := rand.New(rand.NewPCG(9, 10))
	values, buffers := make([][]T, 4), make([][]T, 4)
	for j := range values {
		values[j], buffers[j] = special[T](t, rng, room, "end"), guarded[T](t, room, "end")
		fillWith(buffers[j], canary)
	}
	for i, v := range values[2] { // the second moment of Adam
		values[2][i] = T(math.Abs(float64(v)))
	}
	eachEngine(t, []int{1, 2, 3}, func(t *testing.T, e *Engine[T]) {
		for _, op := range flats[T]() {
			want, x := slices.Clone(values), make([]T, op.operands)
			for j := range op.written {
				want[j] = make([]T, room)
			}
			for i := range room {
				for j := range x {
					x[j] = values[j][i]
				}
				op.element(e, x)
				for j := range op.written {
					want[j][i] = x[j]
				}
			}
			check := func(n int, p place) {
				s, around := make([][]T, op.operands), make([][]T, op.operands)
				for j := range s {
					first := p.of(n, room)
					s[j] = buffers[j][first:][:n:n]
					around[j] = buffers[j][max(first-beside, 0):min(first+n+beside, room)]
					copy(s[j], values[j])
				}
				op.run(e, s)
				for j := range s {
					requireBits(t, want[j][:n], s[j], "operand %d of %s of %d at %d", j, op.name, n, p)
					fillWith(s[j], canary)
					for _, v := range around[j] {
						if v != canary {
							t.Fatalf("%s of %d at %d wrote %v beside operand %d", op.name, n, p, v, j)
						}
					}
				}
			}
			for _, n := range long {
				check(n, atEnd)
				check(n, place(n%places))
			}
			if e.Threads() > 1 { // which only long ones use
				continue
			}
			for _, n := range lengths() {
				for p := atEnd; p < places; p += step {
					check(n, p)
				}
			}
		}
	})
}

// byRows is an operation on matrices. It may also take a vector with an element for each
// column, bytes, one for each element, and labels, one for each row.
type byRows[T Float] struct {
	name string
	run  func(e *Engine[T], dst, src Mat[T], v []T, bytes []uint8, labels []int32)
}

func byRowsOperations[T Float]() []byRows[T] {
	return []byRows[T]{
		{"Softmax", func(e *Engine[T], dst, src Mat[T], _ []T, _ []uint8, _ []int32) { e.Softmax(dst, src) }},
		{"Softmax in place", func(e *Engine[T], dst, _ Mat[T], _ []T, _ []uint8, _ []int32) { e.Softmax(dst, dst) }},
		{"SoftmaxCrossEntropy", func(e *Engine[T], dst, src Mat[T], v []T, _ []uint8, labels []int32) {
			v[0] = e.SoftmaxCrossEntropy(dst, src, labels)
		}},
		{"SoftmaxCrossEntropy in place", func(e *Engine[T], dst, _ Mat[T], v []T, _ []uint8, labels []int32) {
			v[0] = e.SoftmaxCrossEntropy(dst, dst, labels)
		}},
		{"AddBias", func(e *Engine[T], dst, _ Mat[T], v []T, _ []uint8, _ []int32) { e.AddBias(dst, v) }},
		{"ColSums", func(e *Engine[T], _, src Mat[T], v []T, _ []uint8, _ []int32) { e.ColSums(v, src) }},
		{"CenterRows", func(e *Engine[T], dst, _ Mat[T], v []T, bytes []uint8, _ []int32) {
			drawn := make([]int, dst.Rows)
			for i := range drawn {
				drawn[i] = len(drawn) - 1 - i
			}
			e.CenterRows(dst, &Pixels[T]{bytes, drawn, dst.Cols, v, 0.3})
		}},
		{"SumSquares", func(e *Engine[T], _, _ Mat[T], v []T, _ []uint8, _ []int32) { v[0] = e.SumSquares(v) }},
	}
}

// testByRows runs every operation on matrices with rows of every length at every place.
// The results must have the bits that they have in the middle of other memory, and what
// lies beside and between the rows must not change.
func testByRows[T Float](t *testing.T) {
	const beside, room = 4 * 16, 7 * 4096
	rng := rand.New(rand.NewPCG(23, 24))
	values, buffers := make([][]T, 3), make([][]T, 3) // of dst, src and the vector
	for j := range values {
		values[j], buffers[j] = randomSlice[T](t, rng, room, "end"), guarded[T](t, room, "end")
		fillWith(buffers[j], canary)
	}
	byteBuffer, labelBuffer := guarded[uint8](t, room, "end"), guarded[int32](t, room, "end")
	step := place(1)
	if poolsForget || testing.Short() { // which is slow
		step = 16
	}
	var all []place
	for p := atEnd; p < places; p += step {
		all = append(all, p)
	}
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		for _, op := range byRowsOperations[T]() {
			check := func(rows, cols, padding int, places ...place) {
				matrices := func(data [][]T) (dst, src Mat[T], v []T) {
					return Mat[T]{data[0], rows, cols, cols + padding, 1}, Mat[T]{data[1], rows, cols, cols + padding, 1}, data[2]
				}
				span := rows*(cols+padding) - padding
				sizes, want := []int{span, span, cols}, make([][]T, 3)
				for j, n := range sizes {
					want[j] = slices.Clone(values[j][:n])
				}
				pixels, columns := make([]uint8, rows*cols), make([]int32, rows)
				for i := range pixels {
					pixels[i] = uint8(i * 7)
				}
				for i := range columns {
					columns[i] = int32((i*7 + cols - 1) % cols)
				}
				dst, src, v := matrices(want)
				op.run(e, dst, src, v, pixels, columns)
				for j := range 2 {
					for i, x := range want[j] {
						if i%(cols+padding) >= cols && x != values[j][i] {
							t.Fatalf("%s of %d×%d wrote between rows", op.name, rows, cols)
						}
					}
				}
				for _, p := range places {
					s, around := make([][]T, 3), make([][]T, 3)
					for j, n := range sizes {
						first := p.of(n, room)
						s[j] = buffers[j][first:][:n:n]
						around[j] = buffers[j][max(first-beside, 0):min(first+n+beside, room)]
						copy(s[j], values[j])
					}
					bytes := byteBuffer[p.of(rows*cols, room):][: rows*cols : rows*cols]
					copy(bytes, pixels)
					labels := labelBuffer[p.of(rows, room):][:rows:rows]
					copy(labels, columns)
					dst, src, v := matrices(s)
					op.run(e, dst, src, v, bytes, labels)
					for j := range s {
						requireBits(t, want[j], s[j], "operand %d of %s of %d×%d, padding %d, at %d", j, op.name, rows, cols, padding, p)
						fillWith(s[j], canary)
						for _, x := range around[j] {
							if x != canary {
								t.Fatalf("%s of %d×%d at %d wrote %v beside operand %d", op.name, rows, cols, p, x, j)
							}
						}
					}
				}
			}
			for _, n := range lengths()[1:] {
				check(1+n%5, n, n/2%3, all...)
			}
			for cols := 1; cols <= lanes+1; cols++ {
				for rows := 1; rows <= 35; rows += int(step) {
					check(rows, cols, rows%2, atEnd, atStart)
				}
			}
		}
	})
}

func TestRowOperationsOfEveryLengthAtEveryPlace(t *testing.T) {
	testByRows[float32](t)
	testByRows[float64](t)
}

func fillWith[T Float](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}

func TestElementwiseOfEveryLengthAtEveryPlace(t *testing.T) {
	testFlat[float32](t)
	testFlat[float64](t)
}
