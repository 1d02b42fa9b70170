package kernels

// lanes is the number of partial results of a reduction, at every level: lane l
// takes the elements l, l+16, l+32, …, and [combine] joins the lanes, so that
// a sum has the same bits whatever the width of a register.
const lanes = 16

// SumSquares returns Σ x[i]², in 16 lanes of fused multiply-adds. Its relative
// error is at most (n/16+5)·ε.
func (e *Engine[T]) SumSquares(x []T) T {
	var acc [lanes]T
	// Pieces keep calls into assembly short; they continue the same chains.
	for len(x) > pieceElements {
		e.sumSquares(&acc, x[:pieceElements])
		x = x[pieceElements:]
	}
	e.sumSquares(&acc, x)
	return combine(&acc)
}

func sumSquaresGeneric[T Float](acc *[lanes]T, x []T) {
	for len(x) >= lanes {
		for l, v := range x[:lanes] {
			acc[l] += v * v
		}
		x = x[lanes:]
	}
	for l, v := range x {
		acc[l] += v * v
	}
}

// combine adds lanes 8 apart, then 4, 2 and 1.
func combine[T Float](acc *[lanes]T) T {
	for d := lanes / 2; d > 0; d /= 2 {
		for l := range d {
			acc[l] += acc[l+d]
		}
	}
	return acc[0]
}
