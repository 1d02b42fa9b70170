//go:build !amd64 || purego

package kernels

func (e *Engine[T]) exp(dst, src []T) { expGeneric(dst, src) }
func (e *Engine[T]) log(dst, src []T) { logGeneric(dst, src) }

func (e *Engine[T]) softmaxRows(c *rowChunk[T])         { e.softmaxParts(c) }
func (e *Engine[T]) softmaxShort(c *rowChunk[T], _ []T) { e.softmaxParts(c) }
func (e *Engine[T]) largest(x []T) T                    { return largestGeneric(x) }
func (e *Engine[T]) scale(x []T, factor T)              { scaleGeneric(x, factor) }

func (e *Engine[T]) expSum(acc *[lanes]T, dst, src []T, top T) {
	expSumGeneric(acc, dst, src, top)
}

func (e *Engine[T]) sumSquares(acc *[lanes]T, x []T) { sumSquaresGeneric(acc, x) }

func (e *Engine[T]) sumLosses(acc *[lanes]T, sums, targets, tops []T) {
	sumLossesGeneric(acc, sums, targets, tops)
}

func (e *Engine[T]) pickLabels(c *rowChunk[T])       { pickLabelsGeneric(c) }
func (e *Engine[T]) subtractAtLabels(c *rowChunk[T]) { subtractAtLabelsGeneric(c) }
