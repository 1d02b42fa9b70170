package train

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
)

func newEngine[T kernels.Float](t *testing.T, opts ...kernels.Option) *kernels.Engine[T] {
	t.Helper()
	engine, err := kernels.New[T](opts...)
	require.NoError(t, err)
	return engine
}

// randomPoints are n points of 4 coordinates in 3 classes.
func randomPoints[T kernels.Float](n int, seed uint64) *points[T] {
	rng := rand.New(rand.NewPCG(seed, 0))
	x := kernels.NewMat[T](n, 4, nil)
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(rng.IntN(3))
		for j := range x.Row(i) {
			x.Row(i)[j] = T(rng.NormFloat64())
		}
	}
	return newPoints(x, labels)
}

// pointsRun trains a 4-6-3 network on points, two steps an epoch.
func pointsRun(t *testing.T, n, steps int) *Run[float64] {
	engine := newEngine[float64](t)
	r := &Run[float64]{
		Model: Model[float64]{
			Network: net.New(engine, 4, 6, 3),
			Config:  Config{Iters: steps, Batch: n / 2, Reg: 0.01, LR: 0.5, Schedule: byEpoch, LRDecay: 0.5},
		},
		Optimizer: net.NewSGD(engine, net.SGDOptions{}), Train: randomPoints[float64](n, 1), engine: engine,
	}
	r.Network.Init(net.He, rand.New(rand.NewPCG(1, 2)))
	return r
}

func do[T kernels.Float](t *testing.T, r *Run[T]) *Result {
	t.Helper()
	result, err := r.Do(context.Background())
	require.NoError(t, err)
	return result
}

func randomSplit(n int, rng *rand.Rand) data.Split {
	s := data.Split{Pixels: make([]uint8, n*data.ImageSize), Labels: make([]int32, n)}
	for i := range s.Pixels {
		s.Pixels[i] = uint8(rng.IntN(256))
	}
	for i := range s.Labels {
		s.Labels[i] = int32(rng.IntN(3))
	}
	return s
}

func randomImages(train, val, test int) *data.Dataset {
	rng := rand.New(rand.NewPCG(3, 4))
	return &data.Dataset{
		Name: "synthetic", Shape: data.Shape{Channels: 3, Height: 32, Width: 32}, Classes: []string{"a", "b", "c"},
		Train: randomSplit(train, rng), Val: randomSplit(val, rng), Test: randomSplit(test, rng),
	}
}

func newRun[T kernels.Float](t *testing.T, c Config, set *data.Dataset, opts ...kernels.Option) *Run[T] {
	t.Helper()
	c.DType = dtype[T]()
	r, err := New(newEngine[T](t, opts...), c, set)
	require.NoError(t, err)
	return r
}

// imagesConfig is the report's configuration but for what it takes long for.
func imagesConfig(hidden ...int) Config {
	c, err := Preset("report")
	if err != nil {
		panic(err)
	}
	c.Dataset, c.Hidden, c.Init, c.Normalize = "synthetic", hidden, "he", "mean"
	return c
}

func TestWeightsDependOnSeedNotOnThreads(t *testing.T) {
	set := randomImages(50, 10, 10)
	weights := func(threads int, seed uint64) string {
		c := imagesConfig(30, 7)
		c.LR, c.LRDecay, c.Iters, c.Batch, c.Seed = 1e-4, 0.9, 4, 20, seed
		return do(t, newRun[float32](t, c, set, kernels.WithThreads(threads))).WeightsSHA256
	}
	want := weights(1, 5)
	for range 2 {
		for threads := 1; threads <= 3; threads++ {
			require.Equal(t, want, weights(threads, 5), "%d threads", threads)
		}
	}
	require.NotEqual(t, want, weights(1, 6))
}

func TestSeedDrawsWeightsAndShuffles(t *testing.T) {
	run := func(seed uint64) *Run[float64] {
		r := pointsRun(t, 10, 3)
		r.Config.Seed = seed
		return r
	}
	a, b := run(1), run(2)
	require.Equal(t, weightsSHA256(a.Network), weightsSHA256(b.Network))
	do(t, a)
	do(t, b)
	require.NotEqual(t, weightsSHA256(a.Network), weightsSHA256(b.Network), "the same shuffles")

	set := randomImages(2, 1, 1)
	start := func(seed uint64) string {
		c := imagesConfig(2)
		c.Seed = seed
		return weightsSHA256(newRun[float64](t, c, set).Network)
	}
	require.Equal(t, start(1), start(1))
	require.NotEqual(t, start(1), start(2), "the same weights")
}

func TestLearningRateDecaysAfterTheLastStepOfEachEpoch(t *testing.T) {
	r := pointsRun(t, 10, 7)
	r.Config.Batch = 4 // two steps an epoch; two points are left out
	var rates []float64
	var steps, epochs []int
	r.OnStep = func(s StepRecord) {
		rates, steps, epochs = append(rates, s.LR), append(steps, s.Step), append(epochs, s.Epoch)
	}
	do(t, r)
	require.Equal(t, []float64{0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625}, rates)
	require.Equal(t, []int{1, 2, 3, 4, 5, 6, 7}, steps)
	require.Equal(t, []int{1, 1, 2, 2, 3, 3, 4}, epochs)

	r = pointsRun(t, 10, 3)
	r.Config.Batch = 11 // each step is an epoch of all ten
	do(t, r)
	require.Equal(t, 0.125, r.Optimizer.Rate())

	r = pointsRun(t, 10, 7)
	r.Config.Batch, r.Config.KeepLast = 4, true // three steps an epoch
	result := do(t, r)
	require.Equal(t, 0.125, r.Optimizer.Rate())
	require.InEpsilon(t, 24/result.Seconds, result.ImagesPerSecond, 1e-12)
}

func TestEpochsAreStepsOverAllBatches(t *testing.T) {
	r := pointsRun(t, 10, 0)
	r.Config.Epochs, r.Config.Batch = 3, 4
	require.Equal(t, 6, r.Steps())
	r.Config.KeepLast = true
	require.Equal(t, 9, r.Steps())
	require.Equal(t, 9, do(t, r).Steps)
}

func TestStepIsTheGradientStep(t *testing.T) {
	r := pointsRun(t, 10, 1)
	before := pointsRun(t, 10, 0).Network
	all := r.Train.(*points[float64])
	r.Config.Batch = 10
	result := do(t, r)
	want := before.Gradients(all.x, all.labels, 0.01)
	require.InDelta(t, want.Total(), result.FirstLoss, 1e-12)
	require.Equal(t, result.FirstLoss, result.FinalLoss)
	for i, p := range before.Params() {
		for j, g := range p.Grad.Data {
			require.InDelta(t, p.Value.Data[j]-0.5*g, r.Network.Params()[i].Value.Data[j], 1e-12, p.Name)
		}
	}
}

func TestFirstAndFinalLossAreThoseOfTheSteps(t *testing.T) {
	r := pointsRun(t, 10, 6)
	var seen []StepRecord
	r.OnStep = func(s StepRecord) { seen = append(seen, s) }
	result := do(t, r)
	require.Equal(t, seen[0].Loss+seen[0].RegLoss, result.FirstLoss)
	require.Equal(t, seen[5].Loss+seen[5].RegLoss, result.FinalLoss)
	require.Greater(t, seen[0].RegLoss, 0.0)
	require.Equal(t, seen[5].Seconds, result.Seconds)
	require.Less(t, result.FinalLoss, result.FirstLoss)
}

func TestEpochsAreScoredAtTheirEnds(t *testing.T) {
	r := pointsRun(t, 10, 7)
	val := randomPoints[float64](25, 8)
	r.Val = val
	var losses, accuracies []float64
	var scored []int
	r.OnStep = func(s StepRecord) { losses, accuracies = append(losses, s.Loss), append(accuracies, s.Acc) }
	r.OnEpoch = func(e EpochRecord) {
		scored = append(scored, e.Step)
		requireScore(t, naivePointScore(r.Network, val), *e.ValLoss, *e.ValAcc)
		if e.Step == 7 { // the run ends within the epoch
			require.Equal(t, []float64{4, 0.5, 3.5, losses[6], accuracies[6]}, []float64{float64(e.Epoch), e.Part, e.Epochs(), e.TrainLoss, e.TrainAcc})
			return
		}
		require.Equal(t, []float64{float64(e.Step) / 2, 0}, []float64{float64(e.Epoch), e.Part})
		require.Equal(t, float64(e.Epoch), e.Epochs())
		require.InDelta(t, (losses[e.Step-2]+losses[e.Step-1])/2, e.TrainLoss, 1e-15)
		require.InDelta(t, (accuracies[e.Step-2]+accuracies[e.Step-1])/2, e.TrainAcc, 1e-15)
	}
	do(t, r)
	require.Equal(t, []int{2, 4, 6, 7}, scored)
}

func TestBatchAccuracyIsThatBeforeTheUpdate(t *testing.T) {
	r := pointsRun(t, 10, 3)
	r.Config.Batch = 10
	want := naivePointScore(r.Network, r.Train.(*points[float64]))
	r.OnStep = func(s StepRecord) {
		require.InDelta(t, want.Loss, s.Loss, 1e-12)
		require.InDelta(t, want.Accuracy, s.Acc, 1e-12)
		want = naivePointScore(r.Network, r.Train.(*points[float64]))
	}
	do(t, r)
}

func TestRunNeedsTheImagesOfItsConfiguration(t *testing.T) {
	engine := newEngine[float32](t)
	c := imagesConfig(5)
	_, err := New(engine, c, nil)
	require.EqualError(t, err, "the examples of synthetic are needed")
	c.Dataset = "cifar10"
	_, err = New(engine, c, randomImages(30, 11, 7))
	require.EqualError(t, err, "the examples of cifar10 are needed")
	_, err = New(newEngine[float64](t), c, nil)
	require.EqualError(t, err, "dtype is float32, the engine computes in float64")
	c.Batch = 0
	_, err = New(engine, c, nil)
	require.ErrorContains(t, err, "batch is 0")
}

func TestWatchingChangesNothing(t *testing.T) {
	watched, unwatched := pointsRun(t, 10, 5), pointsRun(t, 10, 5)
	watched.Val, unwatched.Val = randomPoints[float64](25, 8), randomPoints[float64](25, 8)
	watched.OnStep, watched.OnEpoch = func(StepRecord) {}, func(EpochRecord) {}
	a, b := do(t, watched), do(t, unwatched)
	for _, r := range []*Result{a, b} {
		r.Seconds, r.ImagesPerSecond = 0, 0
	}
	require.Equal(t, a, b)
}

func TestRunStopsWhenPatienceIsOver(t *testing.T) {
	r := pointsRun(t, 10, 100)
	r.Val = randomPoints[float64](25, 8)
	r.Config.Patience = 3
	var accuracies []float64
	r.OnEpoch = func(e EpochRecord) { accuracies = append(accuracies, *e.ValAcc) }
	result := do(t, r)
	best := 0
	for i, a := range accuracies {
		if a > accuracies[best] {
			best = i
		}
	}
	require.Len(t, accuracies, best+1+3)
	require.Equal(t, best+1, result.BestEpoch)
	require.Equal(t, accuracies[best], *result.BestValAcc)
	require.Equal(t, 2*len(accuracies), result.Steps)
	require.True(t, result.StoppedEarly)

	r = pointsRun(t, 10, 6) // there is nothing to be patient about
	r.Config.Patience = 1
	require.Equal(t, 6, do(t, r).Steps)
}

func TestDivergenceNamesTheStep(t *testing.T) {
	r := pointsRun(t, 10, 9)
	r.Config.LR = 1e300
	_, err := r.Do(context.Background())
	require.ErrorIs(t, err, ErrDiverged)
	require.ErrorContains(t, err, "the loss of step 2 is ")
	require.ErrorContains(t, err, "at learning rate 1e+300")

	r = pointsRun(t, 10, 1) // no step sees what the only update did
	r.Config.LR = 1e300
	_, err = r.Do(context.Background())
	require.ErrorIs(t, err, ErrDiverged)
	require.ErrorContains(t, err, "the loss after step 1 is ")
	require.ErrorContains(t, err, ": first in the output of layer 2 (dense 6→3), which has ")

	r = pointsRun(t, 10, 9)
	r.OnStep = func(s StepRecord) {
		if s.Step == 5 {
			r.Network.Params()[2].Value.Data[4] = math.NaN()
		}
	}
	_, err = r.Do(context.Background())
	require.EqualError(t, err, "training diverged: the loss of step 6 is NaN at learning rate 0.125: first in W2 of layer 2 (dense 6→3), which has NaN")

	r = pointsRun(t, 10, 9) // the penalty is more than float64 holds
	r.OnStep = func(StepRecord) { r.Config.Reg = math.MaxFloat64 }
	_, err = r.Do(context.Background())
	require.ErrorContains(t, err, ": of finite outputs")
}

func TestCancelledRunStopsWithTheCause(t *testing.T) {
	cause := errors.New("enough")
	for _, after := range []int{0, 3} {
		ctx, cancel := context.WithCancelCause(context.Background())
		r := pointsRun(t, 10, 9)
		steps := 0
		r.OnStep = func(StepRecord) {
			if steps++; steps == after {
				cancel(cause)
			}
		}
		if after == 0 {
			cancel(cause)
		}
		result, err := r.Do(ctx)
		require.Nil(t, result)
		require.ErrorIs(t, err, cause)
		require.ErrorContains(t, err, fmt.Sprintf("before step %d of 9", after+1))
		require.Equal(t, after, steps)
	}
}

func TestSHA256IsOfTheParametersInOrderLittleEndian(t *testing.T) {
	n := net.New(newEngine[float32](t), 1, 1, 1)
	for i, p := range n.Params() {
		p.Value.Data[0] = []float32{1, 2, -1, 0.5}[i]
	}
	want := sha256.Sum256([]byte("\x00\x00\x80\x3f\x00\x00\x00\x40\x00\x00\x80\xbf\x00\x00\x00\x3f"))
	require.Equal(t, fmt.Sprintf("%x", want), weightsSHA256(n))
}
