// A call of a routine of BLAS: its letters, sizes, factors and operands, as far as it has
// them. Matrices are column-major, as Fortran's are.
typedef struct {
	char side, uplo, transA, transB, diag;
	int m, n, k;
	double alpha, beta; // also c and s of rot
	void *a, *b, *c;    // matrices
	int lda, ldb, ldc;
	void *x, *y;        // vectors
	int incX, incY;
	double result;
	int index;
} call;

enum routine {
	DOT, NRM2, ASUM, IAMAX, SWAP, COPY, AXPY, ROT, SCAL,
	GEMV, GER, SYMV, SYR, SYR2, TRMV, TRSV,
	GEMM, SYMM, SYRK, SYR2K, TRMM, TRSM,
	ROUTINES
};
