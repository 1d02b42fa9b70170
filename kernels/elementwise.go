package kernels

import "fmt"

// AddBias adds bias to every row of y: y[i,j] ← y[i,j] + bias[j], rounded once.
// It panics if bias has not one element for each column, or is a row of y.
func (e *Engine[T]) AddBias(y Mat[T], bias []T) {
	y.checkOutput("AddBias", "y")
	if len(bias) != y.Cols {
		panic(fmt.Sprintf("kernels: AddBias: y is %d×%d, bias has %d elements", y.Rows, y.Cols, len(bias)))
	}
	row := rowOf(&y, bias)
	distinct("AddBias", "y", &y, "bias", &row)
	if y.empty() {
		return
	}
	size := y.Cols // of a row; one apart from the next costs a vector at least
	if y.RowStride > y.Cols {
		size = max(size, lanes)
	}
	switch {
	case y.ColStride == 1 && y.Cols > pieceElements:
		for i := range y.Rows {
			e.Axpy(y.Row(i), 1, bias)
		}
	case y.Rows*size <= pieceElements:
		e.addBias(&y, bias)
	default:
		e.sweep(sweep[T]{op: opAddBias, mat: y, x: bias}, y.Rows, size)
	}
}

func (e *Engine[T]) addBias(y *Mat[T], bias []T) {
	switch {
	case y.ColStride != 1:
		addBiasGeneric(y, bias)
	case y.RowStride == y.Cols && 0 < y.Cols && y.Cols < shortBias && y.Rows*y.Cols >= 2*shortBias:
		e.addShortBias(y, bias)
	default:
		e.addBiasRows(y, bias)
	}
}

// addShortBias takes several rows without padding at a time, with the bias
// repeated: a row that ends within a vector would hold up the next.
func (e *Engine[T]) addShortBias(y *Mat[T], bias []T) {
	repeat := max(1, lanes/(y.Cols&-y.Cols)) // so that they end with a vector
	for y.Cols*repeat < shortBias {
		repeat *= 2
	}
	buf := e.pools.buffer(min(repeat, y.Rows) * y.Cols)
	for n := copy(buf.data, bias); n < len(buf.data); n *= 2 {
		copy(buf.data[n:], buf.data[:n])
	}
	whole := y.Rows / repeat
	e.addBiasRows(&Mat[T]{y.Data, whole, len(buf.data), len(buf.data), 1}, buf.data)
	if n := (y.Rows - whole*repeat) * y.Cols; n > 0 {
		rest := y.Data[whole*repeat*y.Cols:]
		e.addBiasRows(&Mat[T]{rest, 1, n, n, 1}, buf.data[:n])
	}
	e.pools.buffers.Put(buf)
}

// shortBias is the number of columns from which a row is worth a loop of its own.
const shortBias = 512

// ColSums computes the sum of every column, dst[j] ← Σ m[i,j], as one chain of
// additions over ascending i. It panics if dst has not one element for each
// column, or is a row of m.
func (e *Engine[T]) ColSums(dst []T, m Mat[T]) {
	m.check("ColSums", "m")
	if len(dst) != m.Cols {
		panic(fmt.Sprintf("kernels: ColSums: m is %d×%d, dst has %d elements", m.Rows, m.Cols, len(dst)))
	}
	row := rowOf(&m, dst)
	distinct("ColSums", "dst", &row, "m", &m)
	for lo := 0; lo < m.Cols; lo += pieceElements {
		hi := min(lo+pieceElements, m.Cols)
		e.colSums(dst[lo:hi], m.Slice(0, m.Rows, lo, hi))
	}
}

// colSums is ColSums of so few columns that a call into assembly ends soon.
func (e *Engine[T]) colSums(dst []T, m Mat[T]) {
	clear(dst)
	for i := range m.Rows {
		if m.ColStride == 1 {
			e.axpy(dst, 1, m.Row(i))
			continue
		}
		for j := range dst {
			dst[j] += m.At(i, j)
		}
	}
}

// ReLU computes dst[i] ← 0 where src[i] < 0, else src[i]: NaN and -0 stay. dst may
// be src. It panics if the lengths differ, or if dst overlaps src in part.
func (e *Engine[T]) ReLU(dst, src []T) {
	sameLength("ReLU", "dst", dst, "src", src)
	distinctSlices("ReLU", "dst", dst, "src", src)
	if len(dst) <= pieceElements {
		e.relu(dst, src)
		return
	}
	e.sweep(sweep[T]{op: opReLU, dst: dst, x: src}, len(dst), 1)
}

// ReLUBackward computes dst[i] ← grad[i] where y[i] > 0 or y[i] is NaN, else 0,
// where y is the input or the output of [Engine.ReLU]. dst may be grad or y. It
// panics if the lengths differ, or if dst overlaps grad or y in part.
func (e *Engine[T]) ReLUBackward(dst, grad, y []T) {
	sameLength("ReLUBackward", "dst", dst, "grad", grad)
	sameLength("ReLUBackward", "dst", dst, "y", y)
	distinctSlices("ReLUBackward", "dst", dst, "grad", grad)
	distinctSlices("ReLUBackward", "dst", dst, "y", y)
	if len(dst) <= pieceElements {
		e.reluBackward(dst, grad, y)
		return
	}
	e.sweep(sweep[T]{op: opReLUBackward, dst: dst, x: grad, y: y}, len(dst), 1)
}

// Axpy computes y[i] ← fma(alpha, x[i], y[i]). y may be x. It panics if
// the lengths differ, or if y overlaps x in part.
func (e *Engine[T]) Axpy(y []T, alpha T, x []T) {
	sameLength("Axpy", "y", y, "x", x)
	distinctSlices("Axpy", "y", y, "x", x)
	if len(y) <= pieceElements {
		e.axpy(y, alpha, x)
		return
	}
	e.sweep(sweep[T]{op: opAxpy, dst: y, alpha: alpha, x: x}, len(y), 1)
}

// CenterRows computes dst ← x: it draws the rows of pixels as floats, centred and
// scaled. It panics if dst has not the shape of x or its rows are not contiguous,
// if Mean has not one element for each column or is a row of dst, or if a row lies
// beyond Data.
func (e *Engine[T]) CenterRows(dst Mat[T], x *Pixels[T]) {
	const op = "CenterRows"
	dst.checkOutput(op, "dst")
	x.check(op)
	if len(x.Rows) != dst.Rows || x.Cols != dst.Cols {
		panic(fmt.Sprintf("kernels: %s: dst is %d×%d, x is %d×%d", op, dst.Rows, dst.Cols, len(x.Rows), x.Cols))
	}
	contiguousRows(op, "dst", &dst)
	mean := rowOf(&dst, x.Mean)
	distinct(op, "dst", &dst, "Mean", &mean)
	e.sweep(sweep[T]{op: opCenterRows, mat: dst, pixels: x}, dst.Rows, dst.Cols)
}

// centerRow draws row i of x, in calls that end soon.
func (e *Engine[T]) centerRow(dst []T, x *Pixels[T], i int) {
	for lo := 0; lo < len(dst); lo += pieceElements {
		hi := min(lo+pieceElements, len(dst))
		e.center(dst[lo:hi], x.row(i)[lo:hi], x.Mean[lo:hi], x.Scale)
	}
}

func sameLength[T Float](op, an string, a []T, bn string, b []T) {
	if len(a) != len(b) {
		panic(fmt.Sprintf("kernels: %s: %s has %d elements, %s has %d", op, an, len(a), bn, len(b)))
	}
}

type operation int

const (
	opAddBias operation = iota
	opReLU
	opReLUBackward
	opAxpy
	opCenterRows
	opExp
	opLog
	opSumSquares
	opSGD
	opMomentum
	opAdam
)

// sweep is an elementwise operation over units, the rows of mat or the elements
// of dst, cut into pieces that threads share.
type sweep[T Float] struct {
	engine          *Engine[T]
	op              operation
	dst, x, y, z    []T
	mat             Mat[T]
	alpha           T
	momentum, decay T
	adam            adamFactors[T]
	pixels          *Pixels[T]

	units, perPiece int
}

// pieceElements is how many elements a thread takes at a time: few enough that
// a call into assembly ends soon, enough to pay for a thread's help.
const pieceElements = 1 << 15

func (e *Engine[T]) sweep(s sweep[T], units, size int) {
	s.engine, s.units, s.perPiece = e, units, max(1, pieceElements/max(1, size))
	pieces := ceilDiv(units, s.perPiece)
	if pieces <= 1 || e.threads == 1 {
		for i := range pieces {
			s.run(i)
		}
		return
	}
	p := take[sweep[T]](&e.pools.sweeps)
	*p = s
	parallel(e.threads, pieces, p)
	*p = sweep[T]{}
	e.pools.sweeps.Put(p)
}

func (s *sweep[T]) run(piece int) {
	e, lo := s.engine, piece*s.perPiece
	hi := min(lo+s.perPiece, s.units)
	switch s.op {
	case opAddBias:
		y := s.mat.Slice(lo, hi, 0, s.mat.Cols)
		e.addBias(&y, s.x)
	case opReLU:
		e.relu(s.dst[lo:hi], s.x[lo:hi])
	case opReLUBackward:
		e.reluBackward(s.dst[lo:hi], s.x[lo:hi], s.y[lo:hi])
	case opAxpy:
		e.axpy(s.dst[lo:hi], s.alpha, s.x[lo:hi])
	case opCenterRows:
		for i := lo; i < hi; i++ {
			e.centerRow(s.mat.Row(i), s.pixels, i)
		}
	case opExp:
		e.exp(s.dst[lo:hi], s.x[lo:hi])
	case opLog:
		e.log(s.dst[lo:hi], s.x[lo:hi])
	case opSumSquares:
		for i := lo; i < hi; i++ {
			s.dst[i] = e.sumSquaresChunk(s.x[i*sumChunk : min((i+1)*sumChunk, len(s.x))])
		}
	case opSGD:
		e.sgd(s.dst[lo:hi], s.x[lo:hi], s.alpha, s.decay)
	case opMomentum:
		e.momentum(s.dst[lo:hi], s.y[lo:hi], s.x[lo:hi], s.alpha, s.momentum, s.decay)
	case opAdam:
		e.adam(s.dst[lo:hi], s.z[lo:hi], s.y[lo:hi], s.x[lo:hi], &s.adam)
	}
}

func addBiasGeneric[T Float](y *Mat[T], bias []T) {
	for i := range y.Rows {
		for j, b := range bias {
			y.Data[i*y.RowStride+j*y.ColStride] += b
		}
	}
}

func axpyGeneric[T Float](y []T, alpha T, x []T) {
	for i, v := range x[:len(y)] {
		y[i] = mulAdd(alpha, v, y[i])
	}
}

func reluGeneric[T Float](dst, src []T) {
	for i, v := range src[:len(dst)] {
		if v < 0 {
			v = 0
		}
		dst[i] = v
	}
}

func reluBackwardGeneric[T Float](dst, grad, y []T) {
	grad, y = grad[:len(dst)], y[:len(dst)]
	for i := range dst {
		g := grad[i]
		if y[i] <= 0 {
			g = 0
		}
		dst[i] = g
	}
}

func centerGeneric[T Float](dst []T, pixels []uint8, mean []T, scale T) {
	pixels, mean = pixels[:len(dst)], mean[:len(dst)]
	for j := range dst {
		dst[j] = T((T(pixels[j]) - mean[j]) * scale)
	}
}
