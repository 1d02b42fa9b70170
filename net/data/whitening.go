package data

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data/internal/spectrum"
)

// Whitening makes inputs of y = (value - Mean)·Scale that are less correlated than the pixels
// of images are. With the K×d matrix C of Components,
//
//	pca  x = C·y,          whose K inputs have the variance 1, but for ε, and no correlation
//	zca  x = y - Cᵀ·(C·y), whose d inputs look like an image
//
// where the rows u of eigenvectors of the covariance Σ of the d values, those of the K largest
// eigenvalues λ, are scaled:
//
//	pca  C = (λ+ε)^(-1/2)·u
//	zca  C = (1-√((λ₀+ε)/(λ+ε)))^(1/2)·u,   and Scale is (λ₀+ε)^(-1/2)
//
// λ₀ is the mean of the eigenvalues that are left. So zca is (Σ+εI)^(-1/2) of a Σ whose other
// eigenvalues are taken for equal, as those of noise are (Krizhevsky, Learning Multiple Layers
// of Features from Tiny Images, 2009, appendix A; Kessy and others, arXiv:1512.00809; Tipping
// and Bishop, JRSS B 61(3), 1999). It takes 4·K·d operations for an image, where the whole
// matrix would take 2·d².
type Whitening struct {
	Kind       string               `json:"kind"` // PCA or ZCA
	Components kernels.Mat[float64] `json:"-"`
	// FLOPs are the floating-point operations of the matrix products that found Components:
	// of the covariance, and of its eigenvectors. It is 0 in models of earlier versions.
	FLOPs float64 `json:"flops,omitempty"`
}

// The kinds of whitening.
const (
	PCA = "pca"
	ZCA = "zca"
)

// NewWhitening returns the preprocessing of a dataset of bytes with whitening of that kind by
// at most so many components, estimated from the training part. ε is epsilon times the mean of
// the eigenvalues. Its bits do not depend on the level and the threads of the engine.
func NewWhitening[T kernels.Float](engine *kernels.Engine[T], d *Dataset, kind string, components int, epsilon float64) (*Preprocessing, error) {
	if d.Train.Pixels == nil {
		return nil, fmt.Errorf("%s takes pixels of 0 to 255, and %s has other numbers", kind, d.Name)
	}
	p, err := NewPreprocessing(d, "mean")
	if err != nil {
		return nil, err
	}
	size := d.Shape.Size()
	k := min(components, size)
	s, err := spectrumOf(engine, d, k)
	if err != nil {
		return nil, err
	}
	trace := s.trace
	epsilon = float64(epsilon * (trace / float64(size)))
	rest := trace
	for _, v := range s.values {
		rest -= v
	}
	// What is left, at least rounding errors of it, so that nothing is divided by 0.
	least := max(rest/float64(max(1, size-k)), 1e-9*trace/float64(size), math.SmallestNonzeroFloat64)
	if kind == ZCA {
		p.Scale[0] = 1 / math.Sqrt(least+epsilon)
	}
	c := kernels.NewMat(k, size, slices.Clone(s.vectors.Data[:k*size]))
	for i, v := range s.values {
		scale := 0.0 // of what does not vary
		switch {
		case kind == ZCA:
			scale = math.Sqrt(max(0, 1-math.Sqrt((least+epsilon)/(max(v, least)+epsilon))))
		case v > 1e-9*trace/float64(size):
			scale = 1 / math.Sqrt(v+epsilon)
		}
		for j := range c.Row(i) {
			c.Row(i)[j] *= scale
		}
	}
	p.Whitening = &Whitening{kind, c, s.flops}
	return p, nil
}

// eigen has the leading eigenvalues of a covariance matrix, their vectors as rows, and its trace.
type eigen struct {
	values  []float64
	vectors kernels.Mat[float64]
	trace   float64
	flops   float64 // of the products that found them
}

// Spectra keeps what [NewWhitening] finds of the covariance of a dataset's images, which takes
// seconds, by the number of components. It is safe for concurrent use.
type Spectra struct {
	finding sync.Mutex
	found   map[int]*eigen
}

// spectrumOf returns the k leading pairs of the covariance of the training part: those that
// d.Spectra has, if there is one and it has them.
func spectrumOf[T kernels.Float](engine *kernels.Engine[T], d *Dataset, k int) (*eigen, error) {
	kept := d.Spectra
	if kept == nil {
		kept = new(Spectra)
	}
	kept.finding.Lock()
	defer kept.finding.Unlock()
	if s, ok := kept.found[k]; ok {
		return s, nil
	}
	sigma, err := covariance(engine, d.Train, d.Shape.Size())
	if err != nil {
		return nil, err
	}
	e, err := kernels.New[float64](kernels.WithLevel(engine.Level()), kernels.WithThreads(engine.Threads()))
	if err != nil {
		return nil, err
	}
	s := new(eigen)
	for j := range sigma.Rows {
		s.trace += sigma.At(j, j)
	}
	s.values, s.vectors, s.flops = spectrum.Leading(e, sigma, k)
	s.flops += covarianceFLOPs(d.Train.Len(), sigma.Rows)
	if kept.found == nil {
		kept.found = map[int]*eigen{}
	}
	kept.found[k] = s
	return s, nil
}

// WhiteningFLOPs returns the floating-point operations of the matrix products that whiten rows
// of d values: 2·rows·k·d for pca with k components, twice as many for zca, 0 for others.
func WhiteningFLOPs(kind string, d, k, rows int) float64 {
	products := map[string]float64{PCA: 1, ZCA: 2}[kind]
	return products * 2 * float64(rows) * float64(min(k, d)) * float64(d)
}

// FLOPs returns the floating-point operations of the matrix products that make inputs of so
// many examples: as [WhiteningFLOPs] counts them.
func (p *Preprocessing) FLOPs(rows int) float64 {
	if p.Whitening == nil {
		return 0
	}
	c := p.Whitening.Components
	return WhiteningFLOPs(p.Whitening.Kind, c.Cols, c.Rows, rows)
}

// covarianceBand is the number of rows of products that covariance has at a time.
const covarianceBand = 512

// covarianceFLOPs returns the floating-point operations of the products of covariance for so
// many rows of d values: 2·rows·(j-i)·j for the band from row i to row j of the lower triangle, in
// all rows·d·(d+512) where d is a multiple of 512.
func covarianceFLOPs(rows, d int) (flops float64) {
	for top := 0; top < d; top += covarianceBand {
		end := min(top+covarianceBand, d)
		flops += 2 * float64(rows) * float64((end-top)*end) // exact: a whole number
	}
	return flops
}

// covariance returns the covariance matrix of the bytes of s, size of an example. The sums of
// products of bytes less 128 are whole numbers below 2²⁴ for 1024 examples, which float32
// holds exactly, and below 2⁵³ for all.
func covariance[T kernels.Float](engine *kernels.Engine[T], s Split, size int) (kernels.Mat[float64], error) {
	const chunk, band, middle = 1 << 10, covarianceBand, 128
	total := kernels.NewMat[float64](size, size, nil)
	e, err := kernels.New[float32](kernels.WithLevel(engine.Level()), kernels.WithThreads(engine.Threads()))
	if err != nil {
		return total, err
	}
	x, products := apart[float32](min(chunk, s.Len()), size), kernels.NewMat[float32](min(band, size), size, nil)
	sums, each := make([]float32, size), make([]float64, size)
	pixels := kernels.Pixels[float32]{Data: s.Pixels, Cols: size, Mean: make([]float32, size), Scale: 1}
	for j := range pixels.Mean {
		pixels.Mean[j] = middle
	}
	for first := 0; first < s.Len(); first += chunk {
		pixels.Rows = pixels.Rows[:0]
		for i := first; i < min(first+chunk, s.Len()); i++ {
			pixels.Rows = append(pixels.Rows, i)
		}
		some := x.Slice(0, len(pixels.Rows), 0, size)
		e.CenterRows(some, &pixels)
		e.ColSums(sums, some)
		for j, v := range sums {
			each[j] += float64(v)
		}
		for top := 0; top < size; top += band { // of the lower triangle, so that products take little memory
			end := min(top+band, size)
			e.Gemm(products.Slice(0, end-top, 0, end), 1, some.Slice(0, some.Rows, top, end).T(), some.Slice(0, some.Rows, 0, end), 0)
			e.Each(end-top, 16, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					row := total.Row(top + i)
					for j, v := range products.Row(i)[:end] {
						row[j] += float64(v)
					}
				}
			})
		}
	}
	n := float64(s.Len())
	for i := range size {
		for j := range i + 1 {
			v := (float64(n*total.At(i, j)) - float64(each[i]*each[j])) / (n * n)
			total.Row(i)[j], total.Row(j)[i] = v, v
		}
	}
	return total, nil
}

// Fold returns weights W', of which W'ᵀ·y is Wᵀ·x for the inputs x that p makes of y = (value -
// Mean)·Scale: those of a network that needs no whitening. W has a row for each input.
func Fold[T kernels.Float](engine *kernels.Engine[T], p *Preprocessing, w kernels.Mat[T]) kernels.Mat[T] {
	if p.Whitening == nil {
		return w
	}
	c := convert[T](p.Whitening.Components)
	folded := kernels.NewMat[T](c.Cols, w.Cols, nil)
	if p.Whitening.Kind == PCA {
		engine.Gemm(folded, 1, c.T(), w, 0)
		return folded
	}
	for i := range w.Rows {
		copy(folded.Row(i), w.Row(i))
	}
	coded := kernels.NewMat[T](c.Rows, w.Cols, nil)
	engine.Gemm(coded, 1, c, w, 0)
	engine.Gemm(folded, -1, c.T(), coded, 1)
	return folded
}

// whitener whitens the rows of a batch.
type whitener[T kernels.Float] struct {
	engine     *kernels.Engine[T]
	components kernels.Mat[T]
	kind       string
	y          kernels.Mat[T] // of pca, what is whitened
	coded      kernels.Mat[T] // of zca, C·y
}

func newWhitener[T kernels.Float](engine *kernels.Engine[T], w *Whitening, rows int) *whitener[T] {
	if w == nil {
		return nil
	}
	c := convert[T](w.Components)
	t := &whitener[T]{engine: engine, components: c, kind: w.Kind}
	if w.Kind == PCA {
		t.y = apart[T](rows, c.Cols)
	} else {
		t.coded = apart[T](rows, c.Rows)
	}
	return t
}

// convert returns a matrix rounded to T.
func convert[T kernels.Float](m kernels.Mat[float64]) kernels.Mat[T] {
	return kernels.NewMat(m.Rows, m.Cols, rounded[T](m.Data))
}

// room returns where the n rows to be whitened belong, of which x will have the inputs.
func (t *whitener[T]) room(x kernels.Mat[T]) kernels.Mat[T] {
	if t == nil || t.kind == ZCA {
		return x
	}
	return t.y.Slice(0, x.Rows, 0, t.y.Cols)
}

// whiten sets x to the inputs of what is in room.
func (t *whitener[T]) whiten(x kernels.Mat[T]) {
	switch {
	case t == nil:
	case t.kind == PCA:
		t.engine.Gemm(x, 1, t.room(x), t.components.T(), 0)
	default:
		coded := t.coded.Slice(0, x.Rows, 0, t.coded.Cols)
		t.engine.Gemm(coded, 1, x, t.components.T(), 0)
		t.engine.Gemm(x, -1, coded, t.components, 1)
	}
}
