package kernels

import "sync"

// pools keeps an engine's working memory between calls.
type pools[T Float] struct{ products, batches, sweeps, rowTasks, buffers sync.Pool }

// take returns an X from a pool that holds nothing else, or a new one.
func take[X any](p *sync.Pool) *X {
	if x, ok := p.Get().(*X); ok {
		return x
	}
	return new(X)
}

type buffer[T Float] struct{ data []T }

// buffer returns a buffer of n elements of any value.
func (p *pools[T]) buffer(n int) *buffer[T] {
	b := take[buffer[T]](&p.buffers)
	if cap(b.data) < n {
		b.data = make([]T, n)
	}
	b.data = b.data[:n]
	return b
}
