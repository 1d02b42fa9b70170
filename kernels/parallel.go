package kernels

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A task is work in numbered pieces that touch disjoint outputs.
type task interface{ run(piece int) }

// parallel runs every piece of t, on the caller and up to threads-1 workers.
// Which goroutine runs a piece never changes its result.
func parallel(threads, pieces int, t task) {
	if threads = min(threads, pieces); threads <= 1 {
		for i := range pieces {
			t.run(i)
		}
		return
	}
	j := jobs.Get().(*job)
	j.task, j.pieces = t, int64(pieces)
	j.next.Store(0)
	j.users.Store(int32(threads))
	j.done.Add(pieces)
	workers.invite(j, threads-1)
	j.work()
	j.done.Wait()
	j.leave()
}

// job is one call of parallel. Its users are the caller and every worker that
// was invited, even one that comes when nothing is left to do; the last to
// leave returns it to the pool.
type job struct {
	task   task
	pieces int64
	next   atomic.Int64
	users  atomic.Int32
	done   sync.WaitGroup
}

var jobs = sync.Pool{New: func() any { return new(job) }}

func (j *job) work() {
	for {
		i := j.next.Add(1) - 1
		if i >= j.pieces {
			return
		}
		j.task.run(int(i))
		j.done.Done()
	}
}

func (j *job) leave() {
	if j.users.Add(-1) == 0 {
		j.task = nil
		jobs.Put(j)
	}
}

// workers are goroutines shared by all engines, started when first needed.
var workers = crew{invitations: make(chan *job, 64)}

type crew struct {
	invitations chan *job
	mu          sync.Mutex
	size        atomic.Int32
}

// invite asks n workers to help with j. An invitation that finds the queue
// full is dropped: the caller then does that part itself.
func (c *crew) invite(j *job, n int) {
	if int(c.size.Load()) < n {
		c.grow(n)
	}
	for range n {
		select {
		case c.invitations <- j:
		default:
			j.users.Add(-1) // never the last: the caller still is one
		}
	}
}

func (c *crew) grow(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for int(c.size.Load()) < n {
		c.size.Add(1)
		go c.serve()
	}
}

// spins is how often a worker without work yields before it sleeps. Waking a
// sleeping thread takes tens of microseconds, as long as a small product.
const spins = 256

func (c *crew) serve() {
	for {
		j := c.await()
		j.work()
		j.leave()
	}
}

func (c *crew) await() *job {
	for range spins {
		select {
		case j := <-c.invitations:
			return j
		default:
			runtime.Gosched()
		}
	}
	return <-c.invitations
}
