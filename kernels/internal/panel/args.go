// Package panel is what package kernels and its panel kernels, in portable Go and
// in assembly, agree on.
package panel

// Args are the operands of a panel kernel, which advances the chains of M×N
// elements of C by K steps, and ends them as the epilogue says. N is at most the
// width of a panel. Element (i, p) of A is A[i/mr*ATile+i%mr*ARow+p*ACol] for
// tiles of mr rows, element (p, j) of B is B[p*BRow+j], element (i, j) of C is
// C[i*CRow+j].
type Args[T float32 | float64] struct {
	M, N, K           int
	A                 []T
	ARow, ACol, ATile int
	B                 []T
	BRow              int
	Padded            bool // rows of B have a panel's width, of which only N columns count
	C                 []T
	CRow              int
	Start             int // FromZero, FromC or FromBetaC
	Beta              T
	Next              []T // the panel of B that comes next, or nil: fetched while this one multiplies,
	NextStride        int // so many bytes further for every two steps of a tile
	Epilogue[T]

	Scratch, Ahead uintptr // of the kernel
}

// How the chains of a panel begin.
const (
	FromZero  = iota // at 0: C is not read
	FromC            // at C
	FromBetaC        // at Beta·C
)

// Epilogue is what becomes of the chains when they end: Bias is added to every row,
// if there is one, then the ReLU applied, if asked. At last comes a matrix beside C,
// if there is one, with element (i, j) at Beside[i*BesideRow+j]: with Mask the chain
// is kept where the element is positive or NaN, else it becomes 0; without, Scale
// times the element is added, unless Scale is 0. If Rate is not 0, Rate times what the
// chain has become is then added to the element beside, and C need not be stored.
type Epilogue[T float32 | float64] struct {
	Bias      []T
	Beside    []T
	BesideRow int
	ReLU      bool
	Mask      bool
	Scale     T
	Rate      T
}

// None says that the chains are what C becomes.
func (f *Epilogue[T]) None() bool { return f.Bias == nil && !f.ReLU && f.Beside == nil }

// From returns the epilogue for the elements from (i, j) on.
func (f *Epilogue[T]) From(i, j int) Epilogue[T] {
	g := *f
	if f.Bias != nil {
		g.Bias = f.Bias[j:]
	}
	if f.Beside != nil {
		g.Beside = f.Beside[i*f.BesideRow+j:]
	}
	return g
}
