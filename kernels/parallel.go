package kernels

import (
	"sync"
	"sync/atomic"
	"time"
)

// A task is work in numbered pieces that touch disjoint outputs.
type task interface{ run(piece int) }

// parallel runs every piece of t, on the calling goroutine and at most threads-1 workers.
// The result does not depend on which goroutine runs which piece.
//
// If the pieces are even, each goroutine begins with a run of them of its own, the same in
// every call: so it finds in its caches what it wrote in the call before, such as its rows of
// a matrix. Then it takes what is left of the others' runs. Pieces that get smaller towards
// the end, so that all are done together, are taken in their order.
func parallel(threads, pieces int, even bool, t task) {
	if threads = min(threads, pieces); threads <= 1 {
		for i := range pieces {
			t.run(i)
		}
		return
	}
	j := jobs.Get().(*job)
	j.task = t
	j.divide(threads, pieces, even)
	j.left.Store(int64(pieces))
	j.caller.Store(busy)
	j.users.Store(1)
	workers.invite(j, threads-1)
	j.work(0)
	j.wait()
	workers.rescind()
	j.leave()
}

// work is an operation on numbered units, such as elements or rows, that do not depend on
// each other. do does units lo to hi-1.
type work[T Float] interface {
	do(e *Engine[T], lo, hi int)
}

// pieceElements is the number of elements that a thread takes at a time: so few that a
// call into assembly ends soon, and so many that the help of a thread pays.
const pieceElements = 1 << 15

// split does the n units of w in pieces of piece units, which threads share. It takes about
// 10 ns even for a single piece, so operations on few elements do not call it.
func split[T Float, W work[T]](e *Engine[T], threads int, w W, n, piece int) {
	if threads == 1 || n <= piece {
		for lo := 0; lo < n; lo += piece {
			w.do(e, lo, min(lo+piece, n))
		}
		return
	}
	pool := tasksOf[pieces[T, W]](e.pools)
	p := take[pieces[T, W]](pool)
	*p = pieces[T, W]{e, w, n, piece}
	parallel(threads, ceilDiv(n, piece), true, p)
	*p = pieces[T, W]{}
	pool.Put(p)
}

// pieces is a call of split.
type pieces[T Float, W work[T]] struct {
	engine   *Engine[T]
	work     W
	n, piece int
}

func (p *pieces[T, W]) run(i int) {
	lo := i * p.piece
	p.work.do(p.engine, lo, min(lo+p.piece, p.n))
}

// job is one call of parallel. Its users are the caller and every invited worker, even
// one that comes when nothing is left to do. The last user to leave returns the job to
// the pool.
type job struct {
	task     task
	runs     []run        // of pieces, one for each goroutine, or one for all
	left     atomic.Int64 // pieces that are not done
	users    atomic.Int32
	caller   atomic.Int32 // busy, asleep or free
	finished chan struct{}
}

// run is a sequence of pieces. It has lines of the cache to itself, since a goroutine that
// takes a piece of its own run need not wait for those that take others.
type run struct {
	next atomic.Int64 // the first piece that nobody has taken
	end  int64
	_    [112]byte
}

const (
	busy = iota
	asleep
	free
)

var jobs = sync.Pool{New: func() any { return &job{finished: make(chan struct{})} }}

// divide sets the runs.
func (j *job) divide(threads, pieces int, even bool) {
	n := 1
	if even {
		n = threads
	}
	if cap(j.runs) < n {
		j.runs = make([]run, n)
	}
	j.runs = j.runs[:n]
	for i := range j.runs {
		j.runs[i].next.Store(int64(i * pieces / n))
		j.runs[i].end = int64((i + 1) * pieces / n)
	}
}

// work takes pieces, first those of the run that is home.
func (j *job) work(home int) {
	for i := range j.runs {
		for r := &j.runs[(home+i)%len(j.runs)]; r.next.Load() < r.end; {
			piece := r.next.Add(1) - 1
			if piece >= r.end {
				break
			}
			j.task.run(int(piece))
			if j.left.Add(-1) == 0 && j.caller.Swap(free) == asleep {
				j.finished <- struct{}{}
			}
		}
	}
}

// taken reports whether every piece has been taken.
func (j *job) taken() bool {
	for i := range j.runs {
		if j.runs[i].next.Load() < j.runs[i].end {
			return false
		}
	}
	return true
}

// wait returns when every piece is done.
func (j *job) wait() {
	if spin(func() bool { return j.caller.Load() == free }) {
		return
	}
	if j.caller.CompareAndSwap(busy, asleep) {
		<-j.finished
	}
}

func (j *job) leave() {
	if j.users.Add(-1) == 0 {
		j.task = nil
		jobs.Put(j)
	}
}

// patience is how long a goroutine polls before it sleeps. To wake a sleeping thread takes
// up to 50 µs, as long as a product of 128×128 matrices.
const patience = 100 * time.Microsecond

// spin polls until ready returns true, and reports whether it did within the patience. It
// does not yield, since a goroutine that yields moves between processors, and the
// processor that it leaves goes to sleep.
func spin(ready func() bool) bool {
	for start := time.Now(); time.Since(start) < patience; {
		for range 32 {
			if ready() {
				return true
			}
		}
	}
	return false
}

// workers are goroutines shared by all engines, started when first needed.
var workers = newCrew()

func newCrew() *crew { return &crew{invitations: make(chan *job, 64)} }

type crew struct {
	invitations chan *job
	mu          sync.Mutex
	size        atomic.Int32
}

// invite asks n workers to help with j. If the queue is full, an invitation is dropped:
// the caller then does more of the work itself.
func (c *crew) invite(j *job, n int) {
	if int(c.size.Load()) < n {
		c.grow(n)
	}
	j.users.Add(int32(n))
	for range n {
		select {
		case c.invitations <- j:
		default:
			j.users.Add(-1) // not the last user, since the inviter is one
		}
	}
}

// rescind takes back invitations to jobs in which no piece is left, so that these jobs can
// be used again.
func (c *crew) rescind() {
	for {
		select {
		case j := <-c.invitations:
			if !j.taken() {
				c.invite(j, 1)
				j.leave()
				return
			}
			j.leave()
		default:
			return
		}
	}
}

func (c *crew) grow(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for int(c.size.Load()) < n {
		go c.serve(int(c.size.Add(1)))
	}
}

// serve works on jobs, and begins each with the run of that number.
func (c *crew) serve(home int) {
	for {
		spin(func() bool { return len(c.invitations) > 0 })
		j := <-c.invitations
		j.work(home)
		j.leave()
	}
}
