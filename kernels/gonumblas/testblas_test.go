package gonumblas

import (
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/testblas"
)

func TestGonumsTestsOfProductsPassAtEveryLevel(t *testing.T) {
	eachImplementation(t, func(t *testing.T, impl Implementation) {
		t.Run("Dgemm", func(t *testing.T) { testblas.TestDgemm(t, impl) })
		t.Run("Sgemm", func(t *testing.T) { testblas.TestDgemm(t, singlePrecision{impl}) })
	})
}

// singlePrecision computes Dgemm with Sgemm. gonum tests double precision
// only, on integers and halves that float32 holds exactly.
type singlePrecision struct{ impl Implementation }

func (s singlePrecision) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	c32 := convert[float32](c)
	s.impl.Sgemm(tA, tB, m, n, k, float32(alpha), convert[float32](a), lda, convert[float32](b), ldb, float32(beta), c32, ldc)
	copy(c, convert[float64](c32))
}

func TestGonumsTestsOfTheRestPass(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"Ddot":   func(t *testing.T) { testblas.DdotTest(t, Implementation{}) },
		"Dnrm2":  func(t *testing.T) { testblas.Dnrm2Test(t, Implementation{}) },
		"Dasum":  func(t *testing.T) { testblas.DasumTest(t, Implementation{}) },
		"Idamax": func(t *testing.T) { testblas.IdamaxTest(t, Implementation{}) },
		"Dswap":  func(t *testing.T) { testblas.DswapTest(t, Implementation{}) },
		"Dcopy":  func(t *testing.T) { testblas.DcopyTest(t, Implementation{}) },
		"Daxpy":  func(t *testing.T) { testblas.DaxpyTest(t, Implementation{}) },
		"Drotg":  func(t *testing.T) { testblas.DrotgTest(t, Implementation{}, false) },
		"Drotmg": func(t *testing.T) { testblas.DrotmgTest(t, Implementation{}) },
		"Drot":   func(t *testing.T) { testblas.DrotTest(t, Implementation{}) },
		"Drotm":  func(t *testing.T) { testblas.DrotmTest(t, Implementation{}) },
		"Dscal":  func(t *testing.T) { testblas.DscalTest(t, Implementation{}) },

		"Dgemv": func(t *testing.T) { testblas.DgemvTest(t, Implementation{}) },
		"Dger":  func(t *testing.T) { testblas.DgerTest(t, Implementation{}) },
		"Dtxmv": func(t *testing.T) { testblas.DtxmvTest(t, Implementation{}) },
		"Dgbmv": func(t *testing.T) { testblas.DgbmvTest(t, Implementation{}) },
		"Dtbsv": func(t *testing.T) { testblas.DtbsvTest(t, Implementation{}) },
		"Dsbmv": func(t *testing.T) { testblas.DsbmvTest(t, Implementation{}) },
		"Dtbmv": func(t *testing.T) { testblas.DtbmvTest(t, Implementation{}) },
		"Dtrsv": func(t *testing.T) { testblas.DtrsvTest(t, Implementation{}) },
		"Dtrmv": func(t *testing.T) { testblas.DtrmvTest(t, Implementation{}) },
		"Dsymv": func(t *testing.T) { testblas.DsymvTest(t, Implementation{}) },
		"Dsyr":  func(t *testing.T) { testblas.DsyrTest(t, Implementation{}) },
		"Dsyr2": func(t *testing.T) { testblas.Dsyr2Test(t, Implementation{}) },
		"Dspr2": func(t *testing.T) { testblas.Dspr2Test(t, Implementation{}) },
		"Dspr":  func(t *testing.T) { testblas.DsprTest(t, Implementation{}) },
		"Dspmv": func(t *testing.T) { testblas.DspmvTest(t, Implementation{}) },
		"Dtpsv": func(t *testing.T) { testblas.DtpsvTest(t, Implementation{}) },
		"Dtpmv": func(t *testing.T) { testblas.DtpmvTest(t, Implementation{}) },

		"Dsymm":  func(t *testing.T) { testblas.DsymmTest(t, Implementation{}) },
		"Dtrsm":  func(t *testing.T) { testblas.DtrsmTest(t, Implementation{}) },
		"Dsyrk":  func(t *testing.T) { testblas.DsyrkTest(t, Implementation{}) },
		"Dsyr2k": func(t *testing.T) { testblas.Dsyr2kTest(t, Implementation{}) },
		"Dtrmm":  func(t *testing.T) { testblas.DtrmmTest(t, Implementation{}) },
	} {
		t.Run(name, test)
	}
}
