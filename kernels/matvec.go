package kernels

import "github.com/lanes-ml/lanes/kernels/internal/panel"

// Gemv computes y ← alpha·A·x + beta·y for an m×n matrix A. Of a transpose it takes the
// view A.T(). How it adds depends on how A lies in memory:
//
//   - Where rows are contiguous (a.ColStride == 1), y[i] ← fma(alpha, s, beta·y[i]), with
//     s = Σ a[i,j]·x[j] added by fused multiply-adds in 16 lanes: lane l adds every 16th
//     column from l on, then lanes 8, 4, 2 and 1 apart are added. Rows of more than 32768
//     columns are cut into such parts, and each part's s is added by an fma of its own.
//   - Where columns are contiguous (a.RowStride == 1), y[i] is a chain of fused
//     multiply-adds over ascending j: from beta·y[i], fma(alpha·x[j], a[i,j], …), which are
//     the bits of Gemm.
//   - Otherwise, rows are copied, and added as contiguous ones are.
//
// The error of y[i] is at most γ_k·(|alpha|·Σ|a[i,j]·x[j]| + |beta·y[i]|), where γ_k =
// kε/(1-kε) and k = min(n, 32768)/16 + n/32768 + 7 for rows, n + 3 for columns (Higham,
// Accuracy and Stability of Numerical Algorithms, 2002, section 3.5).
//
// NaN and Inf propagate, but if alpha = 0, A and x are not read, and if beta = 0, y is not.
// Without columns, y ← beta·y. It panics unless x has a.Cols elements and y has a.Rows, or if y
// shares elements with A or x.
func (e *Engine[T]) Gemv(y Vec[T], alpha T, a Mat[T], x Vec[T], beta T) {
	if !a.plain() {
		a.check("Gemv", "a")
	}
	y.checkOutput("Gemv", "y")
	if x.n != a.Cols || y.n != a.Rows {
		x.checkLength("Gemv", "x", a.Cols, "the rows of a have")
		y.checkLength("Gemv", "y", a.Rows, "the columns of a have")
	}
	apartFrom("Gemv", "y", y, "x", x)
	apartFromMat("Gemv", "y", y, "a", &a)
	e.gemvAny(y, alpha, &a, x, beta)
}

// gemvAny is Gemv of checked operands. Vectors that are not contiguous are copied.
func (e *Engine[T]) gemvAny(y Vec[T], alpha T, a *Mat[T], x Vec[T], beta T) {
	switch {
	case y.n == 0:
		return
	case alpha == 0 || x.n == 0:
		if beta != 1 {
			out := y.mat()
			e.scaleBy(&out, beta)
		}
		return
	}
	chain, few := a.ColStride != 1 && a.RowStride == 1, y.n <= 2*matvecElements/x.n
	if few && a.ColStride == 1 && x.inc == 1 && y.inc == 1 && x.n <= sumChunk { // at once: a task is dear to copy
		e.rowSums(y.n, x.n, a.Data, a.RowStride, x.flat(), y.flat(), alpha, startOf(beta), beta)
		return
	}
	if x.inc != 1 || chain && alpha != 1 {
		buf := e.pools.buffer(x.n)
		defer e.pools.buffers.Put(buf)
		copyVec(NewVec(buf.data), x)
		if x = NewVec(buf.data); chain && alpha != 1 {
			e.scaleAll(buf.data, alpha)
		}
	}
	if out := y; y.inc != 1 {
		buf := e.pools.buffer(y.n)
		defer e.pools.buffers.Put(buf)
		defer copyVec(out, NewVec(buf.data))
		if y = NewVec(buf.data); beta != 0 {
			copyVec(y, out)
		}
	}
	w := gemvTask[T]{y: y.flat(), x: x.flat(), a: *a, alpha: alpha, beta: beta, start: startOf(beta)}
	switch {
	case chain && few:
		w.chains(e, 0, y.n)
	case chain:
		split(e, e.threads, chainTask[T](w), y.n, roundUp(max(1, matvecElements/x.n), e.rowStretch(y.n)))
	case few:
		w.sums(e, 0, y.n)
	default:
		split(e, e.threads, w, y.n, roundUp(max(1, matvecElements/x.n), 8))
	}
}

// matvecElements is about how many elements of a matrix a thread multiplies at a time.
const matvecElements = 1 << 15

// gemvTask is a product of a matrix with a vector, both vectors contiguous. Its units are
// rows, and so are those of a chainTask, whose columns are contiguous and whose x has
// alpha in it already.
type gemvTask[T Float] struct {
	y, x        []T
	a           Mat[T]
	alpha, beta T
	start       int
}

type chainTask[T Float] gemvTask[T]

func (w gemvTask[T]) do(e *Engine[T], lo, hi int)  { w.sums(e, lo, hi) }
func (w chainTask[T]) do(e *Engine[T], lo, hi int) { (*gemvTask[T])(&w).chains(e, lo, hi) }

func (w *gemvTask[T]) sums(e *Engine[T], lo, hi int) {
	start := w.start
	for p := 0; p < w.a.Cols; p += sumChunk {
		k := min(sumChunk, w.a.Cols-p)
		rows := min(hi-lo, roundUp(max(1, mostMatvec/2/k), 8))
		for i := lo; i < hi; i += rows {
			m := min(rows, hi-i)
			if w.a.ColStride == 1 {
				e.rowSums(m, k, w.a.Data[i*w.a.RowStride+p:], w.a.RowStride, w.x[p:], w.y[i:], w.alpha, start, w.beta)
				continue
			}
			buf := e.pools.buffer(m * k)
			packGeneric(buf.data, 0, k, w.a.Slice(i, i+m, p, p+k).T(), 1)
			e.rowSums(m, k, buf.data, k, w.x[p:], w.y[i:], w.alpha, start, w.beta)
			e.pools.buffers.Put(buf)
		}
		start = panel.FromC
	}
}

// mostMatvec is about how many elements a call into assembly multiplies at most.
const mostMatvec = 1 << 18

func (w *gemvTask[T]) chains(e *Engine[T], lo, hi int) {
	for i, n := lo, 0; i < hi; i += n {
		n = e.rowStretch(hi - i)
		start, depth := w.start, max(1, mostMatvec/n)
		for p := 0; p < w.a.Cols; p += depth {
			k := min(depth, w.a.Cols-p)
			e.stretch(1, n, k, w.x[p:], 0, 1, w.a.Data[i+p*w.a.ColStride:], w.a.ColStride, w.y[i:], 0, start, w.beta)
			start = panel.FromC
		}
	}
}

// scaleAll multiplies contiguous elements by alpha.
func (e *Engine[T]) scaleAll(x []T, alpha T) {
	for lo := 0; lo < len(x); lo += pieceElements {
		e.scale(x[lo:min(lo+pieceElements, len(x))], alpha)
	}
}

// rowSumsGeneric computes y[i] ← fma(alpha, s, start) for m rows of k elements, where s is
// the sum in lanes of the products of the row and x.
func rowSumsGeneric[T Float](m, k int, a []T, aRow int, x, y []T, alpha T, start int, beta T) {
	for i := range m {
		var acc [lanes]T
		row := a[i*aRow:][:k]
		for j, v := range row {
			acc[j%lanes] = mulAdd(v, x[j], acc[j%lanes])
		}
		from := T(0)
		switch start {
		case panel.FromC:
			from = y[i]
		case panel.FromBetaC:
			from = T(beta * y[i])
		}
		y[i] = mulAdd(alpha, combine(&acc), from)
	}
}
