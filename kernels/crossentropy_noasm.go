//go:build !amd64 || purego

package kernels

func (e *Engine[T]) pickLabels(c *rowChunk[T])       { pickLabelsGeneric(c) }
func (e *Engine[T]) subtractAtLabels(c *rowChunk[T]) { subtractAtLabelsGeneric(c) }

func (e *Engine[T]) sumLosses(acc *[lanes]T, sums, targets, tops []T) {
	sumLossesGeneric(acc, sums, targets, tops)
}
