package kernels

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBlockingFitsTheCaches(t *testing.T) {
	for _, c := range []struct{ l2, l3 int }{
		{-1, -1}, {0, 0}, // unknown
		{256 << 10, 2 << 20}, {512 << 10, 16 << 20}, {1 << 20, 32 << 20}, {2 << 20, 105 << 20}, {2 << 20, -1},
	} {
		blockings := blockingsOf(c.l2, c.l3)
		for i, b := range blockings[1:] {
			size := []int{4, 8}[i%2]
			require.Zero(t, b.mc%b.mr, "%+v", b)
			require.Zero(t, b.nc%b.nr, "%+v", b)
			require.GreaterOrEqual(t, b.mc, 4*b.mr, "%+v", b)
			require.GreaterOrEqual(t, b.slab, b.kc*b.nr, "a slab holds a panel: %+v", b)
			if c.l2 > 0 {
				require.LessOrEqual(t, b.mc*b.kc*size, c.l2/2, "a block of A: %+v", b)
			}
			if c.l3 > 0 {
				require.LessOrEqual(t, b.slab*size, c.l3/2, "a slab of B: %+v", b)
			}
		}
	}
}
