package data

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSyntheticIsTheSameOnEveryMachine(t *testing.T) {
	d := Synthetic(1)
	h := sha256.New()
	for _, s := range []Split{d.Train, d.Val, d.Test} {
		h.Write(s.Pixels)
		for _, y := range s.Labels {
			h.Write([]byte{byte(y)})
		}
	}
	require.Equal(t, "411df4a5d037d0373907db64be3130854f3ad74093eb7c57d07bc2c13c8fd39b", hex.EncodeToString(h.Sum(nil)))
	require.Equal(t, []int{9_000, 1_000, 1_000}, []int{d.Train.Len(), d.Val.Len(), d.Test.Len()})
}

func TestSyntheticDependsOnTheSeed(t *testing.T) {
	a, b, c := synthetic(1, 100, 0, 0), synthetic(1, 100, 0, 0), synthetic(2, 100, 0, 0)
	require.Equal(t, a, b)
	for i := range a.Train.Len() {
		require.NotEqual(t, a.Train.image(i), c.Train.image(i))
	}
}

func TestSyntheticClassesAreBalanced(t *testing.T) {
	d := synthetic(1, 200, 50, 30)
	require.Equal(t, "synthetic", d.Name)
	require.Len(t, d.Classes, 10)
	for _, s := range []Split{d.Train, d.Val, d.Test} {
		var count [10]int
		for _, l := range s.Labels {
			count[l]++
		}
		for _, n := range count {
			require.Equal(t, s.Len()/10, n)
		}
	}
}

func TestSyntheticImagesDiffer(t *testing.T) {
	d := synthetic(1, 500, 250, 250)
	var all [][]uint8
	for _, s := range []Split{d.Train, d.Val, d.Test} {
		for i := range s.Len() {
			all = append(all, s.image(i))
		}
	}
	slices.SortFunc(all, slices.Compare)
	require.Len(t, slices.CompactFunc(all, slices.Equal), 1000)
}

func TestColorWheel(t *testing.T) {
	for _, c := range []struct {
		hue, saturation, brightness int
		want                        [Channels]int
	}{
		{0, 255, 255, [Channels]int{255, 0, 0}},
		{256, 255, 255, [Channels]int{255, 255, 0}},
		{512, 255, 255, [Channels]int{0, 255, 0}},
		{768, 255, 255, [Channels]int{0, 255, 255}},
		{1024, 255, 255, [Channels]int{0, 0, 255}},
		{1280, 255, 255, [Channels]int{255, 0, 255}},
		{1536 + 512, 255, 100, [Channels]int{0, 100, 0}},
		{700, 0, 80, [Channels]int{80, 80, 80}},
		{700, 200, 0, [Channels]int{0, 0, 0}},
	} {
		require.Equal(t, c.want, color(c.hue, c.saturation, c.brightness), "%+v", c)
	}
}

func BenchmarkSynthetic(b *testing.B) {
	for b.Loop() {
		Synthetic(1)
	}
}
