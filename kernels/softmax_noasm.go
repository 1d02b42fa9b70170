//go:build !amd64 || purego

package kernels

func (e *Engine[T]) exp(dst, src []T) { expGeneric(dst, src) }
func (e *Engine[T]) log(dst, src []T) { logGeneric(dst, src) }

func (e *Engine[T]) softmaxRows(r *batch[T])         { e.softmaxParts(r) }
func (e *Engine[T]) softmaxShort(r *batch[T], _ []T) { e.softmaxParts(r) }
func (e *Engine[T]) largest(x []T) T                 { return largestGeneric(x) }
func (e *Engine[T]) scale(x []T, factor T)           { scaleGeneric(x, factor) }

func (e *Engine[T]) expSum(acc *[lanes]T, dst, src []T, top T) {
	expSumGeneric(acc, dst, src, top)
}

func (e *Engine[T]) sumSquares(acc *[lanes]T, x []T) { sumSquaresGeneric(acc, x) }

func (e *Engine[T]) sumLosses(acc *[lanes]T, sums, targets, tops []T) {
	sumLossesGeneric(acc, sums, targets, tops)
}

func (e *Engine[T]) pickLabels(dst []T, src Mat[T], labels []uint8) {
	pickLabelsGeneric(dst, src, labels)
}

func (e *Engine[T]) subtractAtLabels(dst Mat[T], labels []uint8, v T) {
	subtractAtLabelsGeneric(dst, labels, v)
}
