package data

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// whitened returns the inputs that p makes of the training part.
func whitened[T kernels.Float](engine *kernels.Engine[T], d *Dataset, p *Preprocessing) kernels.Mat[T] {
	b := NewBatch(engine, d.Train.Len(), p)
	rows := make([]int, d.Train.Len())
	for i := range rows {
		rows[i] = i
	}
	b.Draw(d.Train, rows)
	return b.X
}

// small returns images of 2×5×5, of which two pixels are constant.
func small(n int) *Dataset {
	from := synthetic(3, n, 0, 0)
	d := &Dataset{Name: "small", Shape: Shape{Channels: 2, Height: 5, Width: 5}, Classes: from.Classes, Train: makeImages(n, Shape{Channels: 2, Height: 5, Width: 5})}
	for i := range n {
		for j := range d.Train.image(i) {
			d.Train.image(i)[j] = from.Train.image(i)[j*61]
		}
		d.Train.image(i)[7], d.Train.image(i)[30] = 200, 3
	}
	return d
}

// covarianceOf returns Σ of the rows of x in float64, by the definition.
func covarianceOf(x kernels.Mat[float64]) kernels.Mat[float64] {
	mean := make([]float64, x.Cols)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			mean[j] += v / float64(x.Rows)
		}
	}
	c := kernels.NewMat[float64](x.Cols, x.Cols, nil)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			for k, w := range x.Row(i) {
				c.Row(j)[k] += (v - mean[j]) * (w - mean[k]) / float64(x.Rows)
			}
		}
	}
	return c
}

func TestWhiteningLeavesTheVarianceThatEpsilonDoesNotTake(t *testing.T) {
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	d := small(1500)
	plain, err := NewPreprocessing(d, "mean")
	require.NoError(t, err)
	sigma := covarianceOf(whitened(engine, d, plain))
	found, err := covariance(engine, d.Train, 50)
	require.NoError(t, err)
	trace := 0.0
	for i := range 50 {
		require.InDeltaSlice(t, sigma.Row(i), found.Row(i), 1e-8, i)
		trace += sigma.At(i, i)
	}
	for _, epsilon := range []float64{0, 0.1} {
		for _, k := range []int{20, 50} {
			t.Run(fmt.Sprint(epsilon, k), func(t *testing.T) {
				p, err := NewWhitening(engine, d, PCA, k, epsilon)
				require.NoError(t, err)
				require.Equal(t, k, p.Inputs())
				c := covarianceOf(whitened(engine, d, p))
				e := epsilon * trace / 50
				for i := range k {
					// The variance λ/(λ+ε) of u·y, where u is a row of C that is made a unit vector.
					u, square := p.Whitening.Components.Row(i), 0.0
					for _, v := range u {
						square += v * v
					}
					want := 1 - e*square // (λ+ε)^-1 is the square
					if square == 0 {
						want = 0
					}
					for j := range k {
						require.InDelta(t, map[bool]float64{true: want}[i == j], c.At(i, j), 1e-6, "inputs %d and %d", i, j)
					}
				}

				p, err = NewWhitening(engine, d, ZCA, k, epsilon)
				require.NoError(t, err)
				require.Equal(t, 50, p.Inputs())
				x := whitened(engine, d, p)
				require.Equal(t, 50, x.Cols)
			})
		}
	}
}

func TestZCAOfAllComponentsIsTheInverseRootOfTheCovariance(t *testing.T) {
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	d := small(1500)
	p, err := NewWhitening(engine, d, ZCA, 50, 0.1)
	require.NoError(t, err)
	sigma, err := covariance(engine, d.Train, 50)
	require.NoError(t, err)
	// W = c·(I - CᵀC) is symmetric, and W·(Σ+εI)·W = I.
	w, c := kernels.NewMat[float64](50, 50, nil), p.Whitening.Components
	trace := 0.0
	for i := range 50 {
		w.Row(i)[i] = 1
		trace += sigma.At(i, i)
	}
	for i := range 50 {
		sigma.Row(i)[i] += 0.1 * trace / 50
	}
	engine.Gemm(w, -1, c.T(), c, 1)
	half, whole := kernels.NewMat[float64](50, 50, nil), kernels.NewMat[float64](50, 50, nil)
	engine.Gemm(half, p.Scale[0], w, sigma, 0)
	engine.Gemm(whole, p.Scale[0], half, w, 0)
	for i := range 50 {
		for j := range 50 {
			require.InDelta(t, map[bool]float64{true: 1}[i == j], whole.At(i, j), 1e-6, "row %d, column %d", i, j)
		}
	}
}

func TestSpectraAreFoundOnceForEachNumberOfComponents(t *testing.T) {
	engine, err := kernels.New[float32]()
	require.NoError(t, err)
	d := small(100)
	whiten := func(kind string, components int, epsilon float64) *Whitening {
		p, err := NewWhitening(engine, d, kind, components, epsilon)
		require.NoError(t, err)
		return p.Whitening
	}
	other := small(100)
	slices.Reverse(other.Train.image(0)) // of which another spectrum would be found
	want, anew := whiten(ZCA, 12, 0.2), whiten(ZCA, 8, 0.2)
	d.Spectra = new(Spectra)
	whiten(PCA, 12, 0.1)
	d.Train = other.Train
	require.Equal(t, want, whiten(ZCA, 12, 0.2))
	require.NotEqual(t, anew, whiten(ZCA, 8, 0.2))
}

func TestOperationsOfWhiteningAreCounted(t *testing.T) {
	require.Equal(t, 10*1024*(1024+512), int(covarianceFLOPs(10, 1024)))
	require.Equal(t, 2*10*(512*512+88*600), int(covarianceFLOPs(10, 600)))
	engine, err := kernels.New[float32]()
	require.NoError(t, err)
	d := small(100)
	for kind, image := range map[string]int{PCA: 2 * 12 * 50, ZCA: 4 * 12 * 50} {
		p, err := NewWhitening(engine, d, kind, 12, 0.1)
		require.NoError(t, err)
		require.Equal(t, 7*image, int(p.FLOPs(7)))
		p, err = NewWhitening(engine, d, kind, 50, 0.1)
		require.NoError(t, err)
		require.Equal(t, 2*100*50*50+2*(50*51*50+50*50*50)+8*50*50*50, int(p.Whitening.FLOPs))
	}
	p, err := NewPreprocessing(d, "mean")
	require.NoError(t, err)
	require.Zero(t, p.FLOPs(7))
}

func TestFoldedWeightsGiveWhatWhitenedInputsDo(t *testing.T) {
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	d := small(60)
	for _, kind := range []string{PCA, ZCA} {
		p, err := NewWhitening(engine, d, kind, 12, 0.1)
		require.NoError(t, err)
		w := kernels.NewMat[float64](p.Inputs(), 3, nil)
		for i := range w.Data {
			w.Data[i] = math.Sin(float64(i))
		}
		want, got := kernels.NewMat[float64](60, 3, nil), kernels.NewMat[float64](60, 3, nil)
		engine.Gemm(want, 1, whitened(engine, d, p), w, 0)
		folded := Fold(engine, p, w)
		p.Whitening = nil
		engine.Gemm(got, 1, whitened(engine, d, p), folded, 0)
		require.InDeltaSlice(t, want.Data, got.Data, 1e-11, kind)
	}
}

func TestWhiteningHasTheSameBitsAtEveryLevelAndThreadCount(t *testing.T) {
	d := small(1100)
	for _, kind := range []string{PCA, ZCA} {
		var want []float64
		for _, level := range kernels.Levels() {
			for threads := range 3 {
				if level == kernels.Generic {
					continue
				}
				engine, err := kernels.New[float32](kernels.WithLevel(level), kernels.WithThreads(threads+1))
				require.NoError(t, err)
				p, err := NewWhitening(engine, d, kind, 30, 0.1)
				require.NoError(t, err)
				if want == nil {
					want = p.Whitening.Components.Data
				}
				require.Equal(t, want, p.Whitening.Components.Data, "%s: %v, %d threads", kind, level, threads+1)
			}
		}
	}
}

func TestImagesAreScaledByChannelAndByColumn(t *testing.T) {
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	d := small(300)
	for normalization, group := range map[string]int{"channel": 25, "column": 1} {
		p, err := NewPreprocessing(d, normalization)
		require.NoError(t, err)
		x := whitened(engine, d, p)
		for first := 0; first < 50; first += group {
			sum, squares := 0.0, 0.0
			for i := range x.Rows {
				for _, v := range x.Row(i)[first : first+group] {
					sum, squares = sum+v, squares+v*v
				}
			}
			n := float64(group * x.Rows)
			variance := 1.0
			if group == 1 && (first == 7 || first == 30) {
				variance = 0 // constant
			}
			require.InDelta(t, 0, sum/n, 1e-9, "%s %d", normalization, first)
			require.InDelta(t, variance, squares/n, 1e-9, "%s %d", normalization, first)
		}
	}
	_, err = NewPreprocessing(&Dataset{Name: "table", Shape: Row(2), Train: Split{Values: []float32{1, 2}, Labels: []int32{0}}}, "channel")
	require.EqualError(t, err, "channel takes images, and table has rows of 2 values")
	_, err = NewWhitening(engine, &Dataset{Name: "table", Shape: Row(2)}, PCA, 2, 0)
	require.EqualError(t, err, "pca takes pixels of 0 to 255, and table has other numbers")
}
