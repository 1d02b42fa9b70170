package kernels

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strconv"
	"sync"
)

// Engine runs kernels at one level with at most a given number of threads. It
// is safe for concurrent use; its working memory is kept between calls.
type Engine[T Float] struct {
	level     Level
	threads   int
	isa       isa
	blockings *forColumns
	origin    string // of the blockings
	processor *processor
	pools     *pools[T]
}

// isa says which kernels an engine calls: those of a level for an element type, or
// portable Go.
type isa int

// An Option sets a property of a new [Engine].
type Option func(*config)

type config struct {
	level    Level
	threads  int
	blocking *Blocking
}

// WithLevel makes the engine use exactly this level.
func WithLevel(l Level) Option { return func(c *config) { c.level = l } }

// WithThreads sets the largest number of goroutines, including the caller's, that work
// on one call. With 1, calls start no goroutine.
func WithThreads(n int) Option { return func(c *config) { c.threads = n } }

// WithBlocking makes the engine use this blocking, and not that of the machine, for level
// [AVX2] or above.
func WithBlocking(b Blocking) Option { return func(c *config) { c.blocking = &b } }

// New returns an engine. For what no option sets, it takes the level from LANES_LEVEL
// and the number of threads from LANES_THREADS; if these are not set, [Best] and
// [runtime.GOMAXPROCS].
//
// The blocking of products comes from the caches of the machine, or from the file that
// 'lanes tune' writes for it, which is read once; LANES_TUNING=off leaves that file unread.
//
// It returns an error if the level is unknown or cannot run on this machine, if the number
// of threads is below 1, or if the blocking is out of range.
func New[T Float](opts ...Option) (*Engine[T], error) {
	c := config{level: Best(), threads: runtime.GOMAXPROCS(0)}
	if name := os.Getenv("LANES_LEVEL"); name != "" {
		l, err := ParseLevel(name)
		if err != nil {
			return nil, fmt.Errorf("LANES_LEVEL: %w", err)
		}
		c.level = l
	}
	if s := os.Getenv("LANES_THREADS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("LANES_THREADS: %q, want a number of at least 1", s)
		}
		c.threads = n
	}
	for _, o := range opts {
		o(&c)
	}
	if !c.level.Available() {
		return nil, fmt.Errorf("kernels: level %v is not available on this machine, which has %v", c.level, Levels())
	}
	if c.threads < 1 {
		return nil, fmt.Errorf("kernels: %d threads, want at least 1", c.threads)
	}
	isa := isaOf[T](c.level)
	blockings, origin, err := blockingsOf(isa, c.blocking)
	if err != nil {
		return nil, fmt.Errorf("kernels: %w", err)
	}
	return &Engine[T]{c.level, c.threads, isa, blockings, origin, chosen().processor, new(pools[T])}, nil
}

// Level returns the level that the engine runs at.
func (e *Engine[T]) Level() Level { return e.level }

// Threads returns the largest number of goroutines that work on one call.
func (e *Engine[T]) Threads() int { return e.threads }

// pools keeps the working memory of an engine between calls, and what it need not compute again.
type pools[T Float] struct {
	products, batches, buffers sync.Pool
	float64s                   sync.Pool // buffers of float64
	triangulars                sync.Pool
	tasks                      sync.Map // a *sync.Pool for each type of task
	powers                     powers
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
func (p *pools[T]) buffer(n int) *buffer[T] { return bufferOf[T](&p.buffers, n) }

// bufferOf takes a buffer of n elements from a pool.
func bufferOf[T Float](p *sync.Pool, n int) *buffer[T] {
	b := take[buffer[T]](p)
	if cap(b.data) < n {
		b.data = make([]T, n)
		adviseHuge(b.data)
	}
	b.data = b.data[:n]
	return b
}
