package kernels

import (
	"reflect"
	"sync"
)

// pools keeps the working memory of an engine between calls.
type pools[T Float] struct {
	products, batches, buffers sync.Pool
	tasks                      sync.Map // a *sync.Pool for each type of task
}

// tasksOf returns the pool of the tasks of type X.
func tasksOf[X any, T Float](p *pools[T]) *sync.Pool {
	key := reflect.TypeFor[X]()
	pool, ok := p.tasks.Load(key)
	if !ok {
		pool, _ = p.tasks.LoadOrStore(key, new(sync.Pool))
	}
	return pool.(*sync.Pool)
}

// take returns an X from a pool that holds nothing else, or a new one.
func take[X any](p *sync.Pool) *X {
	if x, ok := p.Get().(*X); ok {
		return x
	}
	return new(X)
}

type buffer[T Float] struct{ data []T }

// buffer returns a buffer of n elements, whose values are not specified.
func (p *pools[T]) buffer(n int) *buffer[T] {
	b := take[buffer[T]](&p.buffers)
	if cap(b.data) < n {
		b.data = make([]T, n)
	}
	b.data = b.data[:n]
	return b
}
