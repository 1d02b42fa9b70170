//go:build !amd64 || purego

package kernels

const packSlack = 0

var blockings = [...]blocking{portable: blockingGeneric}

func (e *Engine[T]) panel(m, n, k int, a []T, aRow, aCol, aTile int, b []T, bRow int, c []T, cRow int, s start, beta T, f epilogue[T]) {
	panelGeneric(m, n, k, a, aRow, aCol, aTile, b, bRow, c, cRow, s, beta, f)
}

func (e *Engine[T]) blockingFor(int) *blocking { return &blockings[portable] }
