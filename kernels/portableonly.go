package kernels

func (e *Engine[T]) leakyReLU(dst, src []T)                   { leakyReLUGeneric(dst, src) }
func (e *Engine[T]) leakyReLUBackward(dx, dy, x []T)          { leakyReLUBackwardGeneric(dx, dy, x) }
func (e *Engine[T]) gelu(dst, src []T)                        { geluGeneric(dst, src) }
func (e *Engine[T]) geluBackward(dx, dy, x []T)               { geluBackwardGeneric(dx, dy, x) }
func (e *Engine[T]) silu(dst, src []T)                        { siluGeneric(dst, src) }
func (e *Engine[T]) siluBackward(dx, dy, x []T)               { siluBackwardGeneric(dx, dy, x) }
func (e *Engine[T]) add(dst, a, b []T)                        { addGeneric(dst, a, b) }
func (e *Engine[T]) dropout(d, s []T, k *dropKeys[T])         { dropoutGeneric(d, s, k) }
func (e *Engine[T]) columnSums(s []T, x *Mat[T])              { columnSumsGeneric(s, x) }
func (e *Engine[T]) columnSquares(s []T, x *Mat[T], mean []T) { columnSquaresGeneric(s, x, mean) }
func (e *Engine[T]) scaleShift(y, x *Mat[T], scale, shift []T, floor T) {
	scaleShiftGeneric(y, x, scale, shift, floor)
}
func (e *Engine[T]) columnProducts(products, sums []T, dy, x *Mat[T], mean []T) {
	columnProductsGeneric(products, sums, dy, x, mean)
}
func (e *Engine[T]) batchNormInput(dx, dy, x *Mat[T], mean, a, b, c []T) {
	batchNormInputGeneric(dx, dy, x, mean, a, b, c)
}
func (e *Engine[T]) layerNormRows(t *layerNormTask[T])              { e.layerNormParts(t) }
func (e *Engine[T]) layerNormInputRows(t *layerNormBackwardTask[T]) { e.layerNormInputParts(t) }
func (e *Engine[T]) laneSums(acc *[lanes]T, x []T)                  { laneSumsGeneric(acc, x) }
func (e *Engine[T]) laneSquares(acc *[lanes]T, x []T, mean T)       { laneSquaresGeneric(acc, x, mean) }
func (e *Engine[T]) normalize(y, x, gamma, beta []T, mean, inv T) {
	normalizeGeneric(y, x, gamma, beta, mean, inv)
}
func (e *Engine[T]) normalizedProducts(products, sums []T, dy, x *Mat[T], mean, inv []T) {
	normalizedProductsGeneric(products, sums, dy, x, mean, inv)
}
func (e *Engine[T]) laneProducts(sums, products *[lanes]T, dy, x, gamma []T, mean, inv T) {
	laneProductsGeneric(sums, products, dy, x, gamma, mean, inv)
}
func (e *Engine[T]) layerNormInput(dx, dy, x, gamma []T, mean, inv, sum, product T) {
	layerNormInputGeneric(dx, dy, x, gamma, mean, inv, sum, product)
}
