package kernels

// Operations that have no assembly yet.

func (e *Engine[T]) dotLanes(acc *[wideLanes]T, x, y []T)       { dotLanesGeneric(acc, x, y) }
func (e *Engine[T]) asumLanes(acc *[wideLanes]T, x []T)         { asumLanesGeneric(acc, x) }
func (e *Engine[T]) squareLanes(acc *[wideLanes]float64, x []T) { squareLanesGeneric(acc, x) }
func (e *Engine[T]) amax(x []T) T                               { return amaxGeneric(x) }
func (e *Engine[T]) swap(x, y []T)                              { swapGeneric(x, y) }
func (e *Engine[T]) rot(x, y []T, c, s T)                       { rotGeneric(x, y, c, s) }
func (e *Engine[T]) rowSums(m, k int, a []T, aRow int, x, y []T, alpha T, start int, beta T) {
	rowSumsGeneric(m, k, a, aRow, x, y, alpha, start, beta)
}
