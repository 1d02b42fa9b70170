package live

import "github.com/lanes-ml/lanes/net/train"

// curves are the records of steps, in at most mostPoints points: each stands for as many
// steps as it must, twice as many whenever there would be more points.
type curves struct {
	points []point
	width  int // steps that a point stands for
	filled int // steps that the last point has
}

const mostPoints = 400

// point is the mean over some steps, and the extremes of their losses.
type point struct {
	Step int     `json:"x"` // the last one
	Loss float64 `json:"loss"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	Acc  float64 `json:"acc"`
	LR   float64 `json:"lr"`
}

func (c *curves) add(s train.StepRecord) {
	p := point{s.Step, s.Loss, s.Loss, s.Loss, s.Acc, s.LR}
	switch n := len(c.points); {
	case c.filled < c.width:
		c.points[n-1] = merged(c.points[n-1], p, c.filled, 1)
		c.filled++
		return
	case n == mostPoints:
		for i := range n / 2 {
			c.points[i] = merged(c.points[2*i], c.points[2*i+1], 1, 1)
		}
		c.points, c.width = c.points[:n/2], 2*c.width
	}
	c.points, c.width, c.filled = append(c.points, p), max(c.width, 1), 1
}

// merged returns the point of m steps and of n later ones.
func merged(a, b point, m, n int) point {
	mean := func(x, y float64) float64 { return (float64(m)*x + float64(n)*y) / float64(m+n) }
	return point{b.Step, mean(a.Loss, b.Loss), min(a.Low, b.Low), max(a.High, b.High), mean(a.Acc, b.Acc), b.LR}
}

// epochs are records of epochs, in at most mostPoints points.
type epochs struct {
	points []train.EpochRecord
	every  int // epochs from one point to the next
	latest []train.EpochRecord
}

// mostRows is how many of the latest epochs are kept for the table.
const mostRows = 10

func (e *epochs) add(r train.EpochRecord) {
	e.every = max(e.every, 1)
	if n := len(e.points); n > 0 && e.points[n-1].Epoch%e.every != 0 {
		e.points = e.points[:n-1] // it stood for the end of the curve
	}
	if len(e.points) == mostPoints {
		e.every *= 2
		kept := e.points[:0]
		for _, p := range e.points {
			if p.Epoch%e.every == 0 {
				kept = append(kept, p)
			}
		}
		e.points = kept
	}
	e.points = append(e.points, r)
	if e.latest = append(e.latest, r); len(e.latest) > mostRows {
		e.latest = e.latest[1:]
	}
}
