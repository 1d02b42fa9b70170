package gonumblas

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func FuzzLevel1(f *testing.F) { fuzz(f, 0, 2000) }
func FuzzLevel2(f *testing.F) { fuzz(f, 1, 200) }
func FuzzLevel3(f *testing.F) { fuzz(f, 2, 100) }

// fuzz compares a routine of a level with gonum's, on a problem without roundings that the
// seed draws, and after a change of its arguments, where the seed wants one.
func fuzz(f *testing.F, level, limit int) {
	own, ours := bothTypes(oracle{}), bothTypes(Implementation{})
	f.Add(uint64(1), uint(0), uint(10), false)
	f.Add(uint64(2), uint(3), uint(limit), true)
	f.Fuzz(func(t *testing.T, seed uint64, routine, size uint, spoilt bool) {
		r := rand.New(rand.NewPCG(seed, 0))
		of := levels[level]
		p := drawExact(r, of[routine%uint(len(of))], 1+int(size%uint(limit)))
		if spoilt {
			p.spoil(r)
		}
		for dtype, b := range ours {
			want, text := panicOf(p, own[dtype])
			got, gotText := panicOf(p, b)
			require.Equal(t, text, gotText, "%s %s", dtype, p.routine)
			if text == nil {
				requireSame(t, p, want, got, dtype)
			}
		}
	})
}
