//go:build !amd64 || purego

package kernels

func (e *Engine[T]) softmaxRows(c *rowChunk[T])         { e.softmaxParts(c) }
func (e *Engine[T]) softmaxShort(c *rowChunk[T], _ []T) { e.softmaxParts(c) }
func (e *Engine[T]) largest(x []T) T                    { return largestGeneric(x) }
func (e *Engine[T]) scale(x []T, factor T)              { scaleGeneric(x, factor) }

func (e *Engine[T]) expSum(acc *[lanes]T, dst, src []T, top T) {
	expSumGeneric(acc, dst, src, top)
}
