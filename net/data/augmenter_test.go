package data

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// everyChange is all that an augmenter does.
var everyChange = Augmentation{Flip: true, Shift: 3, Rotate: 10, Cutout: 7, Mixup: 0.4}

func newAugmenter(t *testing.T, a Augmentation, d *Dataset) *Augmenter {
	g, err := NewAugmenter(a, d, 7)
	require.NoError(t, err)
	return g
}

func TestDrawsDependOnSeedEpochAndExampleAlone(t *testing.T) {
	d := synthetic(1, 40, 0, 0)
	d.Train.Weights = make([]float32, 40)
	for i := range d.Train.Weights {
		d.Train.Weights[i] = float32(i%3) / 2
	}
	type drawn struct {
		x             []float32
		label, other  int32
		share, weight float32
	}
	draw := func(threads, size int, epoch int, rows ...int) []drawn {
		engine, err := kernels.New[float32](kernels.WithThreads(threads))
		require.NoError(t, err)
		b := NewBatch(engine, size, meanOf(t, d))
		g := newAugmenter(t, everyChange, d)
		var all []drawn
		for rows := range slices.Chunk(rows, size) {
			b.DrawIn(epoch, d.Train, rows, g)
			for i := range rows {
				all = append(all, drawn{slices.Clone(b.X.Row(i)), b.Labels[i], b.Others[i], b.Shares[i], b.Weights[i]})
			}
		}
		return all
	}
	rows := []int{3, 9, 27, 0, 39, 12, 1, 2, 33, 20, 21, 22, 23, 24, 25, 26, 5, 6, 7, 8}
	want := draw(1, 20, 4, rows...)
	for threads := range 3 {
		for _, size := range []int{1, 3, 20} {
			require.Equal(t, want, draw(threads+1, size, 4, rows...), "%d threads, batches of %d", threads+1, size)
		}
	}
	other := draw(1, 20, 5, rows...)
	for i := range want {
		require.NotEqual(t, want[i].x, other[i].x, "example %d in two epochs", rows[i])
		require.Equal(t, d.Train.Labels[rows[i]], want[i].label)
	}
}

// A run that resumes with another build must see the same images.
func TestDrawsAreFixed(t *testing.T) {
	d := newDraws(42, 3, 5)
	require.Equal(t, []uint64{0x42e6ecb762f8e196, 0x733925b3cb976305}, []uint64{d.bits(0), d.bits(1)})
	require.Equal(t, []int{0, 45, 0, 4}, []int{d.below(0, 3), d.below(1, 100), d.within(2, 4), d.within(3, 4)})
}

func TestDrawsAreEven(t *testing.T) {
	const n = 20_000
	var counts [7]int
	sum := 0.0
	for i := range n {
		counts[newDraws(1, i%10, i/10).within(2, 3)+3]++
		sum += newDraws(1, i%10, i/10).symmetric(3)
	}
	for _, c := range counts {
		require.InDelta(t, n/7, c, 200)
	}
	require.InDelta(t, 0, sum/n, 0.02)
}

// numbered returns an image whose bytes are all different, if there are no more than 256.
func numbered(shape Shape) []uint8 {
	image := make([]uint8, shape.Size())
	for i := range image {
		image[i] = uint8(i)
	}
	return image
}

func TestShiftReflectsAtEdges(t *testing.T) {
	shape := Shape{Channels: 2, Height: 3, Width: 4}
	dst := make([]uint8, shape.Size())
	shift(dst, numbered(shape), shape, 1, 2)
	require.Equal(t, []uint8{
		6, 7, 6, 5 /* 2 and 3 reflected */, 10, 11, 10, 9, 6, 7, 6, 5,
		18, 19, 18, 17, 22, 23, 22, 21, 18, 19, 18, 17,
	}, dst)
	shift(dst, numbered(shape), shape, -1, -3)
	require.Equal(t, []uint8{
		7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4,
		19, 18, 17, 16, 15, 14, 13, 12, 19, 18, 17, 16,
	}, dst)
	for i, want := range map[int]int{-4: 4, -1: 1, 0: 0, 4: 4, 5: 3, 8: 0, 9: 1, -5: 3} {
		require.Equal(t, want, reflected(i, 5), i)
	}
	require.Equal(t, 0, reflected(-3, 1))
}

func TestMirrorTurnsRowsOfEveryWidth(t *testing.T) {
	for width := 1; width < 70; width++ {
		image := make([]uint8, 3*width)
		for i := range image {
			image[i] = uint8(i)
		}
		want := slices.Clone(image)
		for row := range slices.Chunk(want, width) {
			slices.Reverse(row)
		}
		mirror(image, width)
		require.Equal(t, want, image, width)
	}
}

func TestRotationTurnsAboutTheCentreAndInterpolates(t *testing.T) {
	shape := Shape{Channels: 2, Height: 5, Width: 5}
	src, dst := numbered(shape), make([]uint8, shape.Size())
	rotate(dst, src, shape, 0)
	require.Equal(t, src, dst)
	rotate(dst, src, shape, math.Pi/2)
	for c := range 2 {
		for y := range 5 {
			for x := range 5 {
				require.Equal(t, src[c*25+(4-x)*5+y], dst[c*25+y*5+x], "channel %d, row %d, column %d", c, y, x)
			}
		}
	}
	// A slope stays one: its value at each place follows from the place before it was turned.
	shape = Shape{Channels: 1, Height: 9, Width: 9}
	src, dst = make([]uint8, 81), make([]uint8, 81)
	for i := range src {
		src[i] = uint8(20*(i%9) + 5*(i/9))
	}
	const angle = 0.3
	rotate(dst, src, shape, angle)
	for y := 2; y < 7; y++ {
		for x := 2; x < 7; x++ {
			v, u := float64(y-4), float64(x-4)
			want := 20*(4+math.Cos(angle)*u+math.Sin(angle)*v) + 5*(4+math.Cos(angle)*v-math.Sin(angle)*u)
			require.InDelta(t, want, dst[y*9+x], 0.6, "row %d, column %d", y, x)
		}
	}
	for x := -2.3; x < 2.4; x += 0.1 {
		require.InDelta(t, math.Sin(x), sine(x), 1e-10)
	}
}

func TestCutoutFillsASquareWithTheMeanOfItsChannel(t *testing.T) {
	shape := Shape{Channels: 2, Height: 4, Width: 5}
	d := &Dataset{Shape: shape, Train: Split{Pixels: slices.Repeat([]uint8{10, 200}, 20), Labels: []int32{0}}}
	for i := range d.Train.Pixels {
		d.Train.Pixels[i] = uint8(10 + 100*(i/20))
	}
	g := newAugmenter(t, Augmentation{Cutout: 3}, d)
	require.Equal(t, []uint8{10, 110}, g.fill)
	image := make([]uint8, 40)
	g.cut(image, 3, 1)
	require.Equal(t, []uint8{
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 10, 10, 0, 0, 10, 10, 10, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 110, 110, 110, 0, 0, 110, 110, 110, 0, 0,
	}, image)
}

func TestBlendRoundsEveryByteOnce(t *testing.T) {
	for share := 0; share <= 128; share += 16 {
		a, b := make([]uint8, 256*256+3), make([]uint8, 256*256+3)
		for i := range a {
			a[i], b[i] = uint8(i), uint8(i>>8)
		}
		blend(a, b, uint64(share))
		for i := range a {
			want := math.Floor((float64(uint8(i))*float64(256-share)+float64(b[i])*float64(share))/256 + 0.5)
			if float64(a[i]) != want {
				t.Fatalf("share %d, byte %d: %d, want %v", share, i, a[i], want)
			}
		}
	}
}

func TestSharesHaveTheDistributionOfBeta(t *testing.T) {
	arcsine := func(x float64) float64 { return 4 / math.Pi * math.Asin(math.Sqrt(x)) }
	for alpha, cumulative := range map[float64]func(x float64) float64{
		0.5: arcsine,
		1:   func(x float64) float64 { return 2 * x },
		2:   func(x float64) float64 { return 2 * x * x * (3 - 2*x) },
	} {
		m := newMixer(alpha)
		for k, p := range m {
			require.InDelta(t, cumulative((float64(k)+0.5)/256), float64(p)/(1<<63), 1e-13, "alpha %v, at most %d", alpha, k)
		}
		require.Equal(t, 0, m.share(0))
		require.Equal(t, 128, m.share(math.MaxUint64))
	}
	require.InDelta(t, math.Pow(0.3, 2.7), power(0.3, 2.7), 1e-15)
	for _, alpha := range []float64{1e-3, 0.2, maxAlpha} {
		require.True(t, slices.IsSorted(newMixer(alpha)), alpha)
	}
}

func TestMixedTablesAreMixedInputsTargetsAndWeights(t *testing.T) {
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	d := &Dataset{
		Shape:   Row(2),
		Columns: []Column{{Name: "size"}, {Name: "colour", Categories: []string{"red", "green"}}},
		Train:   Split{Values: []float32{1, 0, 5, 1, 9, 0}, Targets: []float32{10, 20, 60}, Weights: []float32{1, 2, 4}},
	}
	p, err := NewPreprocessing(d, "standard")
	require.NoError(t, err)
	g := newAugmenter(t, Augmentation{Mixup: 1}, d)
	plain, mixed := NewBatch(engine, 3, p), NewBatch(engine, 3, p)
	plain.Draw(d.Train, []int{0, 1, 2})
	mixed.DrawIn(2, d.Train, []int{0, 1, 2}, g)
	different := 0
	for i := range 3 {
		o, units := g.other(g.draws(2, i), 3)
		s := float64(units) / 256
		mix := func(m kernels.Mat[float64], j int) float64 { return (1-s)*m.At(i, j) + s*m.At(o, j) }
		for j := range 3 {
			require.InDelta(t, mix(plain.X, j), mixed.X.At(i, j), 1e-15)
		}
		require.InDelta(t, mix(plain.Targets, 0), mixed.Targets.At(i, 0), 1e-15)
		require.InDelta(t, (1-s)*plain.Weights[i]+s*plain.Weights[o], mixed.Weights[i], 1e-15)
		if o != i && units > 0 {
			different++
		}
	}
	require.NotZero(t, different)
	require.Nil(t, mixed.Others)
}

func TestMirroredDrawsAreOfBytesAndOfNumbers(t *testing.T) {
	engine, err := kernels.New[float32]()
	require.NoError(t, err)
	d := synthetic(1, 6, 0, 0)
	p := meanOf(t, d)
	b := NewBatch(engine, 5, p)
	rows := []int{5, 0, 3}
	values := make([]float32, len(d.Train.Pixels))
	for i, v := range d.Train.Pixels {
		values[i] = float32(v)
	}
	for name, s := range map[string]Split{"bytes": d.Train, "numbers": {Values: values, Labels: d.Train.Labels}} {
		b.Draw(s, rows)
		b.DrawMirrored(s, rows)
		require.Equal(t, d.Train.Labels[5], b.Labels[0])
		for i, r := range rows {
			for j := range d.Shape.Size() {
				from := j/32*32 + 31 - j%32
				require.Equal(t, float32(d.Train.image(r)[from])-float32(p.Mean[j]), b.X.At(i, j), "%s: image %d, pixel %d", name, i, j)
			}
		}
	}
	require.PanicsWithValue(t, "data: DrawMirrored: rows of 2 values", func() {
		NewBatch(engine, 1, &Preprocessing{Shape: Row(2), Mean: []float64{0, 0}, Scale: []float64{1}}).DrawMirrored(Split{}, nil)
	})
}

func TestAugmentationNamesWhatItLacks(t *testing.T) {
	image := Shape{Channels: 1, Height: 8, Width: 9}
	bytes := Split{Pixels: make([]uint8, 72), Labels: []int32{0}}
	numbers := Split{Values: make([]float32, 72), Labels: []int32{0}}
	for _, c := range []struct {
		a     Augmentation
		shape Shape
		s     Split
		want  string
	}{
		{Augmentation{Shift: 8}, image, bytes, "shift is 8, want less than 8, the side of an image"},
		{Augmentation{Cutout: 8}, image, numbers, "cutout: images of bytes are needed, and these have other numbers"},
		{Augmentation{Flip: true}, Row(72), bytes, "flip: images are needed, and examples are rows of 72 values"},
		{everyChange, image, bytes, ""},
		{Augmentation{Mixup: 1}, Row(72), numbers, ""},
	} {
		err := c.a.Check(c.shape, c.s)
		if c.want == "" {
			require.NoError(t, err)
		} else {
			require.EqualError(t, err, c.want)
		}
	}
	require.Equal(t, "", Augmentation{}.First())
	require.Equal(t, "mixup", Augmentation{Mixup: 0.1}.First())
}

func BenchmarkDrawIn(b *testing.B) {
	engine, err := kernels.New[float32]()
	require.NoError(b, err)
	d := synthetic(1, 4000, 0, 0)
	p, err := NewPreprocessing(d, "mean")
	require.NoError(b, err)
	batch := NewBatch(engine, 1024, p)
	s := NewSampler(d.Train.Len(), 1024, false, 1)
	for _, a := range []Augmentation{{}, {Flip: true}, {Flip: true, Shift: 4}, {Flip: true, Shift: 4, Cutout: 8}, {Mixup: 0.2}, {Rotate: 10}, everyChange} {
		b.Run(fmt.Sprintf("%+v", a), func(b *testing.B) {
			g, err := NewAugmenter(a, d, 1)
			require.NoError(b, err)
			for i := range b.N {
				batch.DrawIn(i, d.Train, s.At(i), g)
			}
		})
	}
}
