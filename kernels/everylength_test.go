package kernels

import (
	"math"
	"math/rand/v2"
	"os"
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

// placeStep says at which places lengths are tested: the end and every so many-th other one. It is
// 1 unless that would take long.
func placeStep() int {
	switch {
	case poolsForget || testing.Short():
		return 16
	case os.Getenv("LANES_TEST_EMULATED") != "":
		return 4
	}
	return 1
}

// everyOther returns the end and one in step of the other places. Which ones depends on the
// length n, so that lengths that follow each other are tested at all of them.
func everyOther(n, step int) []place {
	chosen := []place{atEnd}
	for p := n % step; p < places; p += step {
		chosen = append(chosen, place(p))
	}
	return chosen
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
	const alpha, momentum, decay, scale, average = 0.3, 0.9, 0.01, 0.7, 0.05
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
	leaky := func(v, x T) T {
		if x <= 0 {
			return T(leak * v)
		}
		return v
	}
	flush := func(x T) T {
		if math.Abs(float64(x)) < float64(smallestNormal[T]()) {
			return 0
		}
		return x
	}
	step := AdamStep{Step: 3, LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: decay}
	decoupled := step
	decoupled.Decoupled, decoupled.Scale, decoupled.Average = true, scale, average
	// What optimisers do to one element, where x has the weight and its mean.
	follow := func(e *Engine[T], x []T) { x[1] = multiplyAdd(e, average, T(x[0]-x[1]), x[1]) }
	descend := func(e *Engine[T], w, v []T, g T, nesterov bool) {
		d := multiplyAdd(e, decay, w[0], g)
		v[0] = flush(multiplyAdd(e, momentum, v[0], d))
		if nesterov {
			d = multiplyAdd(e, momentum, v[0], d)
		} else {
			d = v[0]
		}
		w[0] = multiplyAdd(e, -alpha, d, w[0])
	}
	adam := func(e *Engine[T], w, moments []T, g T, s AdamStep) {
		f := adamFactors[T](s, new(powers))
		d := multiplyAdd(e, f.decay, w[0], T(f.scale*g))
		moments[0] = flush(multiplyAdd(e, f.gain1, d, T(f.beta1*moments[0])))
		moments[1] = flush(multiplyAdd(e, T(f.gain2*d), d, T(f.beta2*moments[1])))
		root := T(math.Sqrt(float64(moments[1])))
		w[0] = multiplyAdd(e, -f.rate, T(moments[0]/T(root+f.epsilon)), T(f.keep*w[0]))
	}
	lion := func(e *Engine[T], w, m []T, g T, scale float64) {
		beta1, beta2, rate, shrink := momentum, 0.99, alpha, decay // no constants, which would be exact
		c := multiplyAdd(e, T(float64(1-beta1)*scale), g, T(T(beta1)*m[0]))
		m[0] = flush(multiplyAdd(e, T(float64(1-beta2)*scale), g, T(T(beta2)*m[0])))
		step := c
		if c != 0 && c == c {
			step = T(math.Copysign(rate, -float64(c)))
		}
		w[0] = multiplyAdd(e, T(1-float64(rate*shrink)), w[0], step)
	}
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
		{"Activate GELU", 2, 1, func(e *Engine[T], s [][]T) { e.Activate(s[0], s[1], GELU) },
			alone(func(e *Engine[T], dst, src []T) { e.Activate(dst, src, GELU) })},
		{"Activate SiLU in place", 1, 1, func(e *Engine[T], s [][]T) { e.Activate(s[0], s[0], SiLU) },
			alone(func(e *Engine[T], dst, src []T) { e.Activate(dst, src, SiLU) })},
		{"Activate LeakyReLU", 2, 1, func(e *Engine[T], s [][]T) { e.Activate(s[0], s[1], LeakyReLU) },
			func(_ *Engine[T], x []T) { x[0] = leaky(x[1], x[1]) }},
		{"Activate ReLU", 2, 1, func(e *Engine[T], s [][]T) { e.Activate(s[0], s[1], ReLU) },
			func(_ *Engine[T], x []T) { x[0] = relu(x[1]) }},
		{"Activate Identity", 2, 1, func(e *Engine[T], s [][]T) { e.Activate(s[0], s[1], Identity) },
			func(_ *Engine[T], x []T) { x[0] = x[1] }},
		{"ActivateBackward GELU", 3, 1, func(e *Engine[T], s [][]T) { e.ActivateBackward(s[0], s[1], s[2], GELU) },
			func(e *Engine[T], x []T) { e.ActivateBackward(x[:1], x[1:2], x[2:], GELU) }},
		{"ActivateBackward SiLU over dy", 2, 1, func(e *Engine[T], s [][]T) { e.ActivateBackward(s[0], s[0], s[1], SiLU) },
			func(e *Engine[T], x []T) { e.ActivateBackward(x[:1], x[:1], x[1:], SiLU) }},
		{"ActivateBackward LeakyReLU over x", 2, 1, func(e *Engine[T], s [][]T) { e.ActivateBackward(s[0], s[1], s[0], LeakyReLU) },
			func(_ *Engine[T], x []T) { x[0] = leaky(x[1], x[0]) }},
		{"ActivateBackward ReLU", 3, 1, func(e *Engine[T], s [][]T) { e.ActivateBackward(s[0], s[1], s[2], ReLU) },
			func(_ *Engine[T], x []T) { x[0] = pass(x[1], x[2]) }},
		{"ActivateBackward Identity", 3, 1, func(e *Engine[T], s [][]T) { e.ActivateBackward(s[0], s[1], s[2], Identity) },
			func(_ *Engine[T], x []T) { x[0] = x[1] }},
		{"Add", 3, 1, func(e *Engine[T], s [][]T) { e.Add(s[0], s[1], s[2]) },
			func(_ *Engine[T], x []T) { x[0] = x[1] + x[2] }},
		{"Add in place", 2, 1, func(e *Engine[T], s [][]T) { e.Add(s[0], s[0], s[1]) },
			func(_ *Engine[T], x []T) { x[0] += x[1] }},
		{"SGD with decay", 2, 1, func(e *Engine[T], s [][]T) {
			e.SGD(s[0], nil, s[1], nil, SGDStep{LearningRate: alpha, WeightDecay: decay})
		},
			func(e *Engine[T], x []T) {
				d := multiplyAdd(e, decay, x[0], x[1])
				x[0] = multiplyAdd(e, -alpha, d, x[0])
			}},
		{"SGD of a scaled gradient, with the mean", 3, 2,
			func(e *Engine[T], s [][]T) {
				e.SGD(s[0], nil, s[2], s[1], SGDStep{LearningRate: alpha, Scale: scale, Average: average})
			},
			func(e *Engine[T], x []T) {
				d := multiplyAdd(e, 0, x[0], T(scale*x[2]))
				x[0] = multiplyAdd(e, -alpha, d, x[0])
				follow(e, x)
			}},
		{"SGD with momentum", 3, 2,
			func(e *Engine[T], s [][]T) {
				e.SGD(s[0], s[1], s[2], nil, SGDStep{LearningRate: alpha, Momentum: momentum, WeightDecay: decay})
			},
			func(e *Engine[T], x []T) { descend(e, x[:1], x[1:2], x[2], false) }},
		{"SGD with momentum and the mean", 4, 3,
			func(e *Engine[T], s [][]T) {
				e.SGD(s[0], s[2], s[3], s[1], SGDStep{LearningRate: alpha, Momentum: momentum, WeightDecay: decay, Scale: scale, Average: average})
			},
			func(e *Engine[T], x []T) { descend(e, x[:1], x[2:3], T(scale*x[3]), false); follow(e, x) }},
		{"SGD with Nesterov's momentum", 3, 2,
			func(e *Engine[T], s [][]T) {
				e.SGD(s[0], s[1], s[2], nil, SGDStep{LearningRate: alpha, Momentum: momentum, WeightDecay: decay, Nesterov: true})
			},
			func(e *Engine[T], x []T) { descend(e, x[:1], x[1:2], x[2], true) }},
		{"SGD with Nesterov's momentum and the mean", 4, 3,
			func(e *Engine[T], s [][]T) {
				e.SGD(s[0], s[2], s[3], s[1], SGDStep{LearningRate: alpha, Momentum: momentum, WeightDecay: decay, Nesterov: true, Scale: scale, Average: average})
			},
			func(e *Engine[T], x []T) { descend(e, x[:1], x[2:3], T(scale*x[3]), true); follow(e, x) }},
		{"Adam", 4, 3, func(e *Engine[T], s [][]T) { e.Adam(s[0], s[1], s[2], s[3], nil, step) },
			func(e *Engine[T], x []T) { adam(e, x[:1], x[1:], x[3], step) }},
		{"AdamW with the mean", 5, 4, func(e *Engine[T], s [][]T) { e.Adam(s[0], s[3], s[2], s[4], s[1], decoupled) },
			func(e *Engine[T], x []T) {
				moments := []T{x[3], x[2]}
				adam(e, x[:1], moments, x[4], decoupled)
				x[3], x[2] = moments[0], moments[1]
				follow(e, x)
			}},
		{"Lion", 3, 2,
			func(e *Engine[T], s [][]T) {
				e.Lion(s[0], s[1], s[2], nil, LionStep{alpha, momentum, 0.99, decay, 0, 0})
			},
			func(e *Engine[T], x []T) { lion(e, x[:1], x[1:2], x[2], 1) }},
		{"Lion with the mean", 4, 3,
			func(e *Engine[T], s [][]T) {
				e.Lion(s[0], s[2], s[3], s[1], LionStep{alpha, momentum, 0.99, decay, scale, average})
			},
			func(e *Engine[T], x []T) { lion(e, x[:1], x[2:3], x[3], scale); follow(e, x) }},
	}
}

// operands returns slices of n zeros, as many as an operation takes at most.
func operands[T Float](n int) [][]T {
	return [][]T{make([]T, n), make([]T, n), make([]T, n), make([]T, n), make([]T, n)}
}

// testFlat runs every operation on slices of every length at every place, with NaN,
// infinities and subnormals among their numbers, and checks the memory beside them.
func testFlat[T Float](t *testing.T) {
	const beside = 4 * 16 // elements of four vectors of the widest kind
	long := []int{pieceElements - 1, pieceElements, pieceElements + 1, 3*pieceElements + 5}
	step := placeStep()
	if step == 16 {
		long = long[2:3]
	}
	room := roundUp(slices.Max(long)+places, 4096) // whole pages
	rng := rand.New(rand.NewPCG(9, 10))
	values, buffers := make([][]T, 5), make([][]T, 5)
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
				for _, p := range everyOther(n, step) {
					check(n, p)
				}
			}
		}
	})
}

// byRows is an operation on matrices and what belongs to their rows and columns.
type byRows[T Float] struct {
	name string
	run  func(e *Engine[T], o *rowOperands[T])
}

// rowOperands are matrices of one shape and padding, vectors with an element for each column
// and for each row, bytes, one for each element, and labels, one for each row.
type rowOperands[T Float] struct {
	dst, src, other Mat[T]
	columns         [4][]T
	rows            [2][]T
	bytes           []uint8
	labels          []int32
}

// slices returns the data of all operands that may be written.
func (o *rowOperands[T]) slices() []*[]T {
	return []*[]T{&o.dst.Data, &o.src.Data, &o.other.Data, &o.columns[0], &o.columns[1], &o.columns[2], &o.columns[3], &o.rows[0], &o.rows[1]}
}

func byRowsOperations[T Float]() []byRows[T] {
	return []byRows[T]{
		{"Softmax", func(e *Engine[T], o *rowOperands[T]) { e.Softmax(o.dst, o.src) }},
		{"Softmax in place", func(e *Engine[T], o *rowOperands[T]) { e.Softmax(o.dst, o.dst) }},
		{"SoftmaxCrossEntropy", func(e *Engine[T], o *rowOperands[T]) {
			o.columns[0][0] = e.SoftmaxCrossEntropy(o.dst, o.src, o.labels)
		}},
		{"SoftmaxCrossEntropy in place", func(e *Engine[T], o *rowOperands[T]) {
			o.columns[0][0] = e.SoftmaxCrossEntropy(o.dst, o.dst, o.labels)
		}},
		{"AddBias", func(e *Engine[T], o *rowOperands[T]) { e.AddBias(o.dst, o.columns[0]) }},
		{"ColSums", func(e *Engine[T], o *rowOperands[T]) { e.ColSums(o.columns[0], o.src) }},
		{"CenterRows", func(e *Engine[T], o *rowOperands[T]) {
			drawn := make([]int, o.dst.Rows)
			for i := range drawn {
				drawn[i] = len(drawn) - 1 - i
			}
			e.CenterRows(o.dst, &Pixels[T]{o.bytes, drawn, o.dst.Cols, o.columns[0], 0.3})
		}},
		{"SumSquares", func(e *Engine[T], o *rowOperands[T]) { o.columns[0][0] = e.SumSquares(o.columns[0]) }},
		{"ColumnMoments", func(e *Engine[T], o *rowOperands[T]) { e.ColumnMoments(o.columns[0], o.columns[1], o.src) }},
		{"ScaleShift", func(e *Engine[T], o *rowOperands[T]) {
			e.ScaleShift(o.dst, o.src, o.columns[0], o.columns[1], Identity)
		}},
		{"ScaleShift in place, GELU", func(e *Engine[T], o *rowOperands[T]) {
			e.ScaleShift(o.dst, o.dst, o.columns[0], o.columns[1], GELU)
		}},
		{"BatchNormBackward", func(e *Engine[T], o *rowOperands[T]) {
			c := o.columns
			e.BatchNormBackward(o.dst, c[0], c[1], o.src, o.other, c[2], c[3], c[3])
		}},
		{"BatchNormBackward over dy", func(e *Engine[T], o *rowOperands[T]) {
			c := o.columns
			e.BatchNormBackward(o.dst, c[0], c[1], o.dst, o.other, c[2], c[3], c[2])
		}},
		{"LayerNorm", func(e *Engine[T], o *rowOperands[T]) {
			e.LayerNorm(o.dst, o.rows[0], o.rows[1], o.src, o.columns[0], o.columns[1], 1e-5)
		}},
		{"LayerNorm in place", func(e *Engine[T], o *rowOperands[T]) {
			e.LayerNorm(o.dst, o.rows[0], o.rows[1], o.dst, o.columns[0], o.columns[1], 1e-5)
		}},
		{"LayerNormBackward", func(e *Engine[T], o *rowOperands[T]) {
			e.LayerNormBackward(o.dst, o.columns[0], o.columns[1], o.src, o.other, o.rows[0], o.rows[1], o.columns[2])
		}},
		{"LayerNormBackward over dy", func(e *Engine[T], o *rowOperands[T]) {
			e.LayerNormBackward(o.dst, o.columns[0], o.columns[1], o.dst, o.other, o.rows[0], o.rows[1], o.columns[2])
		}},
	}
}

// testByRows runs every operation on matrices with rows of every length at every place.
// The results must have the bits that they have in the middle of other memory, and what
// lies beside and between the rows must not change.
func testByRows[T Float](t *testing.T) {
	const beside, room, matrices = 4 * 16, 7 * 4096, 3
	rng := rand.New(rand.NewPCG(23, 24))
	var values, buffers [][]T // of the slices of operands
	for range new(rowOperands[T]).slices() {
		values, buffers = append(values, randomSlice[T](t, rng, room, "end")), append(buffers, guarded[T](t, room, "end"))
		fillWith(buffers[len(buffers)-1], canary)
	}
	byteBuffer, labelBuffer := guarded[uint8](t, room, "end"), guarded[int32](t, room, "end")
	step := placeStep()
	eachEngine(t, []int{1}, func(t *testing.T, e *Engine[T]) {
		for _, op := range byRowsOperations[T]() {
			check := func(rows, cols, padding int, places ...place) {
				span := rows*(cols+padding) - padding
				sizes := []int{span, span, span, cols, cols, cols, cols, rows, rows}
				m := Mat[T]{nil, rows, cols, cols + padding, 1}
				o := rowOperands[T]{dst: m, src: m, other: m, bytes: make([]uint8, rows*cols), labels: make([]int32, rows)}
				for i := range o.bytes {
					o.bytes[i] = uint8(i * 7)
				}
				for i := range o.labels {
					o.labels[i] = int32((i*7 + cols - 1) % cols)
				}
				got := o
				for j, s := range o.slices() {
					*s = slices.Clone(values[j][:sizes[j]])
				}
				op.run(e, &o)
				for j, s := range o.slices()[:matrices] {
					for i, x := range *s {
						if i%(cols+padding) >= cols && x != values[j][i] {
							t.Fatalf("%s of %d×%d wrote between rows", op.name, rows, cols)
						}
					}
				}
				for _, p := range places {
					around := make([][]T, len(buffers))
					for j, s := range got.slices() {
						first, n := p.of(sizes[j], room), sizes[j]
						*s = buffers[j][first:][:n:n]
						around[j] = buffers[j][max(first-beside, 0):min(first+n+beside, room)]
						copy(*s, values[j])
					}
					got.bytes = byteBuffer[p.of(rows*cols, room):][: rows*cols : rows*cols]
					copy(got.bytes, o.bytes)
					got.labels = labelBuffer[p.of(rows, room):][:rows:rows]
					copy(got.labels, o.labels)
					op.run(e, &got)
					for j, want := range o.slices() {
						s := *got.slices()[j]
						requireBits(t, *want, s, "operand %d of %s of %d×%d, padding %d, at %d", j, op.name, rows, cols, padding, p)
						fillWith(s, canary)
						for _, x := range around[j] {
							if x != canary {
								t.Fatalf("%s of %d×%d at %d wrote %v beside operand %d", op.name, rows, cols, p, x, j)
							}
						}
					}
				}
			}
			for _, n := range lengths()[1:] {
				check(1+n%5, n, n/2%3, everyOther(n, step)...)
			}
			for cols := 1; cols <= lanes+1; cols++ {
				for rows := 1; rows <= 35; rows += max(1, step/4) {
					check(rows, cols, rows%2, atEnd, atStart)
				}
			}
		}
	})
}

func TestRowOperationsOfEveryLengthAtEveryPlace(t *testing.T) {
	t.Parallel()
	testByRows[float32](t)
	testByRows[float64](t)
}

func fillWith[T Float](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}

func TestElementwiseOfEveryLengthAtEveryPlace(t *testing.T) {
	t.Parallel()
	testFlat[float32](t)
	testFlat[float64](t)
}
