package net

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNormalDrawsAreThoseOfTheStandardLibraryButForTheTail(t *testing.T) {
	ours, theirs := newRand(3), newRand(3)
	inTail := 0
	for range 1 << 20 {
		got, want := normal(ours), theirs.NormFloat64()
		if got != want {
			require.Greater(t, math.Abs(want), tail)
			require.InEpsilon(t, want, got, 1e-15)
		}
		if math.Abs(got) > tail {
			inTail++
		}
	}
	require.Equal(t, theirs.Uint64(), ours.Uint64(), "of the stream after it")
	require.InDelta(t, 605, inTail, 125) // 2(1-Φ(3.4426)) of them, five deviations
}

func TestNormalDrawsHaveTheSameBitsOnEveryProcessor(t *testing.T) {
	rng, h := newRand(4), sha256.New()
	for range 1 << 20 {
		binary.Write(h, binary.LittleEndian, normal(rng)) // a hash does not fail
	}
	require.Equal(t, "e5c482d062a2421ff35a6084b1c7ece0af9ef08f97be98126523386df7611a30", hex.EncodeToString(h.Sum(nil)))
}

func TestLogOfUniformIsALogarithm(t *testing.T) {
	rng := newRand(5)
	for range 1 << 16 {
		u := rng.Float64()
		require.InEpsilon(t, math.Log(u), logOfUniform(u), 0x1p-50)
	}
	require.Equal(t, math.Inf(-1), logOfUniform(0))
	require.Zero(t, logOfUniform(1))
}
