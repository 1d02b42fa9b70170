package peers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

var loaded, absent = Load(kernels.Best())

func TestEveryPeerIsThereOrSaysWhyNot(t *testing.T) {
	if kernels.Best() == kernels.Generic {
		t.Skip("the portable level has one peer")
	}
	var names []string
	for _, p := range loaded {
		t.Log(p.Name, p.About)
		names = append(names, p.Name)
	}
	for _, a := range absent {
		t.Log(a.Name, "is absent:", a.Reason)
		names = append(names, a.Name)
		require.NotEmpty(t, a.Reason, a.Name)
	}
	require.ElementsMatch(t, []string{"OpenBLAS", "BLIS", "oneDNN", "libxsmm", "gonum"}, names)
}

func TestThePortableLevelHasGonumAlone(t *testing.T) {
	p, a := Load(kernels.Generic)
	require.Len(t, p, 1)
	require.Equal(t, "gonum", p[0].Name)
	require.Empty(t, a)
}

func TestPeersComputeTheProduct(t *testing.T) {
	defer runtime.UnlockOSThread()
	runtime.LockOSThread()
	for _, peer := range loaded {
		for threads := 1; threads <= min(2, peer.MaxThreads); threads++ {
			for _, size := range [][3]int{{1, 1, 1}, {7, 5, 3}, {32, 48, 64}, {130, 75, 300}} {
				for trans := range 4 {
					name := fmt.Sprintf("%s/%v/%d/%d", peer.Name, size, trans, threads)
					t.Run(name+"/float32", func(t *testing.T) { check(t, peer.Single, size, trans, threads, 1e-5) })
					if peer.Double != nil {
						t.Run(name+"/float64", func(t *testing.T) { check(t, peer.Double, size, trans, threads, 1e-13) })
					}
				}
			}
		}
	}
}

func check[T kernels.Float](t *testing.T, multiply func(Product[T], int, int) bool, size [3]int, trans, threads int, tolerance float64) {
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = T(r.Float64()*2 - 1)
		}
		return x
	}
	m, n, k := size[0], size[1], size[2]
	p := Product[T]{TransA: trans&1 != 0, TransB: trans&2 != 0, M: m, N: n, K: k, A: random(m * k), B: random(k * n), C: random(m * n)}
	if !multiply(p, threads, 2) {
		t.Skip("the library does not compute this product")
	}
	for i := range m {
		for j := range n {
			want := 0.0
			for l := range k {
				a, b := p.A[i*k+l], p.B[l*n+j]
				if p.TransA {
					a = p.A[l*m+i]
				}
				if p.TransB {
					b = p.B[j*k+l]
				}
				want += float64(a) * float64(b)
			}
			require.InDelta(t, want, p.C[i*n+j], tolerance*math.Sqrt(float64(k)), "element (%d,%d)", i, j)
		}
	}
}
