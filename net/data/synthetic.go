package data

import (
	"math/rand/v2"
	"runtime"
	"sync"
)

// The images of the built-in set to train on, and in each of the other parts.
const (
	syntheticTraining = 9_000
	syntheticRest     = 1_000
)

// Synthetic returns the built-in set: 9,000 images to train on, 1,000 to validate with
// and 1,000 to test with. Each part has equally many images of ten classes. The class
// is the figure or the pattern in the picture. Its place, size, lean and colours vary,
// but each class prefers some hues. A rectangle covers a part of about every second
// picture, and there is noise.
//
// A seed gives the same bytes on every machine, because all arithmetic is in integers.
func Synthetic(seed uint64) *Dataset {
	return synthetic(seed, syntheticTraining, syntheticRest, syntheticRest)
}

func synthetic(seed uint64, train, val, test int) *Dataset {
	all := makeImages(train+val+test, cifarShape)
	var painters sync.WaitGroup
	share := (all.Len() + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0)
	for from := 0; from < all.Len(); from += share {
		painters.Go(func() { all.paint(seed, from, min(from+share, all.Len())) })
	}
	painters.Wait()
	d := &Dataset{
		Name:  "synthetic",
		Shape: cifarShape,
		Train: all.slice(0, train),
		Val:   all.slice(train, train+val),
		Test:  all.slice(train+val, all.Len()),
	}
	for _, f := range figures {
		d.Classes = append(d.Classes, f.name)
	}
	return d
}

// paint paints images from to to-1, each from a stream of its own.
func (s Split) paint(seed uint64, from, to int) {
	pcg := new(rand.PCG)
	p := painter{rand.New(pcg)}
	for i := from; i < to; i++ {
		class := i % len(figures)
		pcg.Seed(seed, uint64(i))
		s.Labels[i] = int32(class)
		p.paint(s.image(i), class)
	}
}

// figures has the classes of the synthetic set. depth returns how deep the point (x, y)
// lies inside the figure of size r around the origin, where y points down; outside,
// the depth is negative. A pixel is unit long.
var figures = [...]struct {
	name  string
	depth func(r, x, y int) int
}{
	{"disc", disc},
	{"ring", func(r, x, y int) int { return r/4 - abs(disc(r, x, y)) }},
	{"square", square},
	{"plus", plus},
	{"cross", func(r, x, y int) int { return plus(r, (x+y)*181/256, (x-y)*181/256) }},   // 181/256 ≈ sin 45°
	{"triangle", func(r, x, y int) int { return r/2 - max(y, (abs(x)*222-y*128)/256) }}, // 222/256 ≈ sin 60°
	{"rows", func(r, _, y int) int { return wave(r, y) }},
	{"columns", func(r, x, _ int) int { return wave(r, x) }},
	{"checks", checks},
	{"fade", func(_, _, y int) int { return -y / 32 }},
}

func disc(r, x, y int) int { return (r*r - x*x - y*y) / (2 * r) }

func square(r, x, y int) int { return r - max(abs(x), abs(y)) }

func plus(r, x, y int) int { return min(square(r, x, y), r/4-min(abs(x), abs(y))) }

func checks(r, x, y int) int {
	a, b := wave(r, x), wave(r, y)
	d := min(abs(a), abs(b))
	if (a < 0) != (b < 0) {
		return -d
	}
	return d
}

// wave is a triangle wave of x, of period r, between -r/4 and r/4.
func wave(r, x int) int {
	x %= r
	if x < 0 {
		x += r
	}
	return r/4 - abs(x-r/2)
}

func abs(x int) int { return max(x, -x) }
