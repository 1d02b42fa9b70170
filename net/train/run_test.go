package train

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/stretchr/testify/require"
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
	x := kernels.Dense[T](n, 4, nil)
	labels := make([]uint8, n)
	for i := range labels {
		labels[i] = uint8(rng.IntN(3))
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
		Network: net.New(engine, 4, 6, 3), SGD: net.NewSGD(engine, 0.5, 0.5), Train: randomPoints[float64](n, 1),
		Steps: steps, Batch: n / 2, Regularisation: 0.01,
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
	s := data.Split{Pixels: make([]uint8, n*data.ImageSize), Labels: make([]uint8, n)}
	for i := range s.Pixels {
		s.Pixels[i] = uint8(rng.IntN(256))
	}
	for i := range s.Labels {
		s.Labels[i] = uint8(rng.IntN(3))
	}
	return s
}

func randomImages(train, val, test int) *data.Dataset {
	rng := rand.New(rand.NewPCG(3, 4))
	return &data.Dataset{
		Name: "random", Classes: []string{"a", "b", "c"},
		Train: randomSplit(train, rng), Val: randomSplit(val, rng), Test: randomSplit(test, rng),
	}
}

// naiveScore computes a score in float64 from the network's parameters alone.
// Input j of example i is input(i, j).
func naiveScore[T kernels.Float](n *net.Network[T], labels []uint8, input func(i, j int) float64) Score {
	var score Score
	params := n.Params()
	for i, label := range labels {
		x := make([]float64, params[0].Value.Rows)
		for j := range x {
			x[j] = input(i, j)
		}
		for l := 0; l < len(params); l += 2 {
			w, b := params[l].Value, params[l+1].Value.Data
			y := make([]float64, w.Cols)
			for k := range y {
				y[k] = float64(b[k])
				for j, v := range x {
					y[k] += v * float64(w.Row(j)[k])
				}
				if l+2 < len(params) {
					y[k] = max(y[k], 0)
				}
			}
			x = y
		}
		var sum float64
		best := 0
		for k, z := range x {
			sum += math.Exp(z - x[label])
			if z > x[best] {
				best = k
			}
		}
		score.Loss += math.Log(sum) / float64(len(labels))
		if best == int(label) {
			score.Accuracy += 1 / float64(len(labels))
		}
	}
	return score
}

func naivePointScore(n *net.Network[float64], p *points[float64]) Score {
	return naiveScore(n, p.labels, func(i, j int) float64 { return p.x.Row(i)[j] })
}

func requireScore(t *testing.T, want Score, got *Score) {
	t.Helper()
	require.NotNil(t, got)
	require.InDelta(t, want.Loss, got.Loss, 1e-12)
	require.InDelta(t, want.Accuracy, got.Accuracy, 1e-12)
}

func TestWeightsDependOnSeedNotOnThreads(t *testing.T) {
	set := randomImages(50, 10, 10)
	weights := func(threads int, seed uint64) string {
		engine := newEngine[float32](t, kernels.WithThreads(threads))
		r := &Run[float32]{SGD: net.NewSGD(engine, 1e-4, 0.9), Steps: 4, Batch: 20, Regularisation: 1e-3, Seed: seed}
		r.OnImages(engine, set, []int{30, 7}, net.He)
		do(t, r)
		return SHA256(r.Network)
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
		r.Seed = seed
		return r
	}
	a, b := run(1), run(2)
	require.Equal(t, SHA256(a.Network), SHA256(b.Network))
	do(t, a)
	do(t, b)
	require.NotEqual(t, SHA256(a.Network), SHA256(b.Network), "the same shuffles")

	set, engine := randomImages(2, 1, 1), newEngine[float64](t)
	start := func(seed uint64) string {
		r := &Run[float64]{Batch: 1, Seed: seed}
		r.OnImages(engine, set, []int{2}, net.Normal(1e-4))
		return SHA256(r.Network)
	}
	require.Equal(t, start(1), start(1))
	require.NotEqual(t, start(1), start(2), "the same weights")
}

func TestLearningRateDecaysAfterTheLastStepOfEachEpoch(t *testing.T) {
	r := pointsRun(t, 10, 7)
	r.Batch = 4 // two steps an epoch; two points are left out
	require.Equal(t, 2, r.StepsPerEpoch())
	var rates []float64
	var steps, epochs []int
	r.OnStep = func(s Step) {
		rates, steps, epochs = append(rates, s.LearningRate), append(steps, s.Step), append(epochs, s.Epoch)
	}
	do(t, r)
	require.Equal(t, []float64{0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625}, rates)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6}, steps)
	require.Equal(t, []int{0, 0, 1, 1, 2, 2, 3}, epochs)
	require.Equal(t, 0.0625, r.SGD.LearningRate)

	r = pointsRun(t, 10, 3)
	r.Batch = 11 // each step is an epoch of all ten
	require.Equal(t, 1, r.StepsPerEpoch())
	do(t, r)
	require.Equal(t, 0.0625, r.SGD.LearningRate)
}

func TestStepIsTheGradientStep(t *testing.T) {
	r := pointsRun(t, 10, 1)
	before := pointsRun(t, 10, 0).Network
	all := r.Train.(*points[float64])
	r.Batch = 10
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
	var seen []Step
	r.OnStep = func(s Step) { seen = append(seen, s) }
	result := do(t, r)
	require.Equal(t, seen[0].Loss.Total(), result.FirstLoss)
	require.Equal(t, seen[5].Loss.Total(), result.FinalLoss)
	require.Greater(t, seen[0].Loss.Reg, 0.0)
	require.Equal(t, seen[5].Elapsed, result.Elapsed)
	require.Less(t, result.FinalLoss, result.FirstLoss)
}

func TestValidationIsScoredAtTheEndOfEpochs(t *testing.T) {
	r := pointsRun(t, 10, 7)
	val := randomPoints[float64](25, 8)
	r.Val = val
	var scored []int
	r.OnStep = func(s Step) {
		if s.Val != nil {
			scored = append(scored, s.Step)
			requireScore(t, naivePointScore(r.Network, val), s.Val)
		}
	}
	do(t, r)
	require.Equal(t, []int{1, 3, 5}, scored)
}

func TestBatchAccuracyIsThatBeforeTheUpdate(t *testing.T) {
	r := pointsRun(t, 10, 3)
	r.Batch = 10
	want := naivePointScore(r.Network, r.Train.(*points[float64]))
	r.OnStep = func(s Step) {
		require.InDelta(t, want.Loss, s.Loss.Data, 1e-12)
		require.InDelta(t, want.Accuracy, s.Accuracy, 1e-12)
		want = naivePointScore(r.Network, r.Train.(*points[float64]))
	}
	do(t, r)
}

func TestScoresAreTheNaiveOnes(t *testing.T) {
	r := pointsRun(t, 2*ScoreBatch+345, 3)
	val, test := randomPoints[float64](ScoreBatch, 6), randomPoints[float64](1, 7)
	r.Val, r.Test = val, test
	result := do(t, r)
	requireScore(t, naivePointScore(r.Network, r.Train.(*points[float64])), &result.Train)
	requireScore(t, naivePointScore(r.Network, val), result.Val)
	requireScore(t, naivePointScore(r.Network, test), result.Test)
}

func TestImagesAreScoredLessTheMeanOfTheTrainingPart(t *testing.T) {
	set, engine := randomImages(30, 11, 7), newEngine[float64](t)
	r := &Run[float64]{SGD: net.NewSGD(engine, 1e-4, 1), Steps: 2, Batch: 30, Seed: 1}
	r.OnImages(engine, set, []int{5}, net.He)
	require.Equal(t, []int{30, 11, 7}, []int{r.Train.Len(), r.Val.Len(), r.Test.Len()})
	result := do(t, r)
	mean := set.Mean()
	naive := func(s data.Split) Score {
		return naiveScore(r.Network, s.Labels, func(i, j int) float64 { return float64(s.Pixels[i*data.ImageSize+j]) - mean[j] })
	}
	for _, c := range []struct {
		want Score
		got  *Score
	}{{naive(set.Train), &result.Train}, {naive(set.Val), result.Val}, {naive(set.Test), result.Test}} {
		require.InEpsilon(t, c.want.Loss, c.got.Loss, 1e-9)
		require.InDelta(t, c.want.Accuracy, c.got.Accuracy, 1e-12)
	}
}

func TestWatchingChangesNothing(t *testing.T) {
	watched, unwatched := pointsRun(t, 10, 5), pointsRun(t, 10, 5)
	watched.Val, unwatched.Val = randomPoints[float64](25, 8), randomPoints[float64](25, 8)
	watched.OnStep = func(Step) {}
	a, b := do(t, watched), do(t, unwatched)
	a.Elapsed, b.Elapsed = 0, 0
	require.Equal(t, a, b)
	require.Equal(t, SHA256(watched.Network), SHA256(unwatched.Network))
}

func TestDivergenceNamesTheStep(t *testing.T) {
	r := pointsRun(t, 10, 9)
	r.SGD.LearningRate = 1e300
	_, err := r.Do(context.Background())
	require.ErrorIs(t, err, ErrDiverged)
	require.ErrorContains(t, err, "the loss of step 2 is ")
	require.ErrorContains(t, err, "at learning rate 1e+300")

	r = pointsRun(t, 10, 1) // no step sees what the only update did
	r.SGD.LearningRate = 1e300
	_, err = r.Do(context.Background())
	require.ErrorIs(t, err, ErrDiverged)
	require.ErrorContains(t, err, "the loss after step 1 is ")
}

func TestCancelledRunStopsWithTheCause(t *testing.T) {
	cause := errors.New("enough")
	for _, after := range []int{0, 3} {
		ctx, cancel := context.WithCancelCause(context.Background())
		r := pointsRun(t, 10, 9)
		steps := 0
		r.OnStep = func(s Step) {
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
	require.Equal(t, fmt.Sprintf("%x", want), SHA256(n))
}
