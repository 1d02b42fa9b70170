// The symbols of Fortran's BLAS. Each makes a call of its arguments; what Lanes refuses, it
// passes on to the library that comes next, whose own errors the test programs expect.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include "_cgo_export.h"

static const char *const names[ROUTINES] = {
	"dot", "nrm2", "asum", "iamax", "swap", "copy", "axpy", "rot", "scal",
	"gemv", "ger", "symv", "syr", "syr2", "trmv", "trsv",
	"gemm", "symm", "syrk", "syr2k", "trmm", "trsm",
};
static long computed[2][ROUTINES], refused[2][ROUTINES];

// report writes how many calls Lanes computed, and how many it refused, to the file that
// BLAS_CALLS names.
__attribute__((destructor)) static void report(void)
{
	const char *path = getenv("BLAS_CALLS");
	FILE *f = path ? fopen(path, "w") : NULL;
	if (!f)
		return;
	for (int t = 0; t < 2; t++)
		for (int r = 0; r < ROUTINES; r++)
			if (computed[t][r] + refused[t][r])
				fprintf(f, "%c%s %ld %ld\n", "sd"[t], names[r], computed[t][r], refused[t][r]);
	fclose(f);
}

// RUN returns from the function if Lanes computes the call, else from the next of its name.
#define RUN(r, name, T, returned, pass) do { \
	int t = sizeof(T) == 8; \
	if (lanes_compute(r, t, &c)) { computed[t][r]++; return returned; } \
	refused[t][r]++; \
	__typeof__(&name) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
	if (!next) { fprintf(stderr, "no library has " #name "\n"); exit(1); } \
	return next pass; \
} while (0)

#define X .x = x, .incX = *incX
#define Y .y = y, .incY = *incY
#define A .a = a, .lda = *lda
#define B .b = b, .ldb = *ldb
#define C .c = out, .ldc = *ldc

#define ROUTINES_OF(p, T) \
T p##dot_(int *n, T *x, int *incX, T *y, int *incY) \
{ call c = {.n = *n, X, Y}; RUN(DOT, p##dot_, T, c.result, (n, x, incX, y, incY)); } \
T p##nrm2_(int *n, T *x, int *incX) \
{ call c = {.n = *n, X}; RUN(NRM2, p##nrm2_, T, c.result, (n, x, incX)); } \
T p##asum_(int *n, T *x, int *incX) \
{ call c = {.n = *n, X}; RUN(ASUM, p##asum_, T, c.result, (n, x, incX)); } \
int i##p##amax_(int *n, T *x, int *incX) \
{ call c = {.n = *n, X}; RUN(IAMAX, i##p##amax_, T, c.index + 1, (n, x, incX)); } \
void p##swap_(int *n, T *x, int *incX, T *y, int *incY) \
{ call c = {.n = *n, X, Y}; RUN(SWAP, p##swap_, T, , (n, x, incX, y, incY)); } \
void p##copy_(int *n, T *x, int *incX, T *y, int *incY) \
{ call c = {.n = *n, X, Y}; RUN(COPY, p##copy_, T, , (n, x, incX, y, incY)); } \
void p##axpy_(int *n, T *alpha, T *x, int *incX, T *y, int *incY) \
{ call c = {.n = *n, .alpha = *alpha, X, Y}; RUN(AXPY, p##axpy_, T, , (n, alpha, x, incX, y, incY)); } \
void p##rot_(int *n, T *x, int *incX, T *y, int *incY, T *cos, T *sin) \
{ call c = {.n = *n, X, Y, .alpha = *cos, .beta = *sin}; RUN(ROT, p##rot_, T, , (n, x, incX, y, incY, cos, sin)); } \
void p##scal_(int *n, T *alpha, T *x, int *incX) \
{ call c = {.n = *n, .alpha = *alpha, X}; RUN(SCAL, p##scal_, T, , (n, alpha, x, incX)); } \
void p##gemv_(char *tA, int *m, int *n, T *alpha, T *a, int *lda, T *x, int *incX, T *beta, T *y, int *incY) \
{ call c = {.transA = *tA, .m = *m, .n = *n, .alpha = *alpha, A, X, .beta = *beta, Y}; \
  RUN(GEMV, p##gemv_, T, , (tA, m, n, alpha, a, lda, x, incX, beta, y, incY)); } \
void p##ger_(int *m, int *n, T *alpha, T *x, int *incX, T *y, int *incY, T *a, int *lda) \
{ call c = {.m = *m, .n = *n, .alpha = *alpha, X, Y, A}; \
  RUN(GER, p##ger_, T, , (m, n, alpha, x, incX, y, incY, a, lda)); } \
void p##symv_(char *ul, int *n, T *alpha, T *a, int *lda, T *x, int *incX, T *beta, T *y, int *incY) \
{ call c = {.uplo = *ul, .n = *n, .alpha = *alpha, A, X, .beta = *beta, Y}; \
  RUN(SYMV, p##symv_, T, , (ul, n, alpha, a, lda, x, incX, beta, y, incY)); } \
void p##syr_(char *ul, int *n, T *alpha, T *x, int *incX, T *a, int *lda) \
{ call c = {.uplo = *ul, .n = *n, .alpha = *alpha, X, A}; RUN(SYR, p##syr_, T, , (ul, n, alpha, x, incX, a, lda)); } \
void p##syr2_(char *ul, int *n, T *alpha, T *x, int *incX, T *y, int *incY, T *a, int *lda) \
{ call c = {.uplo = *ul, .n = *n, .alpha = *alpha, X, Y, A}; \
  RUN(SYR2, p##syr2_, T, , (ul, n, alpha, x, incX, y, incY, a, lda)); } \
void p##trmv_(char *ul, char *tA, char *d, int *n, T *a, int *lda, T *x, int *incX) \
{ call c = {.uplo = *ul, .transA = *tA, .diag = *d, .n = *n, A, X}; \
  RUN(TRMV, p##trmv_, T, , (ul, tA, d, n, a, lda, x, incX)); } \
void p##trsv_(char *ul, char *tA, char *d, int *n, T *a, int *lda, T *x, int *incX) \
{ call c = {.uplo = *ul, .transA = *tA, .diag = *d, .n = *n, A, X}; \
  RUN(TRSV, p##trsv_, T, , (ul, tA, d, n, a, lda, x, incX)); } \
void p##gemm_(char *tA, char *tB, int *m, int *n, int *k, T *alpha, T *a, int *lda, T *b, int *ldb, T *beta, T *out, int *ldc) \
{ call c = {.transA = *tA, .transB = *tB, .m = *m, .n = *n, .k = *k, .alpha = *alpha, A, B, .beta = *beta, C}; \
  RUN(GEMM, p##gemm_, T, , (tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, out, ldc)); } \
void p##symm_(char *s, char *ul, int *m, int *n, T *alpha, T *a, int *lda, T *b, int *ldb, T *beta, T *out, int *ldc) \
{ call c = {.side = *s, .uplo = *ul, .m = *m, .n = *n, .alpha = *alpha, A, B, .beta = *beta, C}; \
  RUN(SYMM, p##symm_, T, , (s, ul, m, n, alpha, a, lda, b, ldb, beta, out, ldc)); } \
void p##syrk_(char *ul, char *tA, int *n, int *k, T *alpha, T *a, int *lda, T *beta, T *out, int *ldc) \
{ call c = {.uplo = *ul, .transA = *tA, .n = *n, .k = *k, .alpha = *alpha, A, .beta = *beta, C}; \
  RUN(SYRK, p##syrk_, T, , (ul, tA, n, k, alpha, a, lda, beta, out, ldc)); } \
void p##syr2k_(char *ul, char *tA, int *n, int *k, T *alpha, T *a, int *lda, T *b, int *ldb, T *beta, T *out, int *ldc) \
{ call c = {.uplo = *ul, .transA = *tA, .n = *n, .k = *k, .alpha = *alpha, A, B, .beta = *beta, C}; \
  RUN(SYR2K, p##syr2k_, T, , (ul, tA, n, k, alpha, a, lda, b, ldb, beta, out, ldc)); } \
void p##trmm_(char *s, char *ul, char *tA, char *d, int *m, int *n, T *alpha, T *a, int *lda, T *b, int *ldb) \
{ call c = {.side = *s, .uplo = *ul, .transA = *tA, .diag = *d, .m = *m, .n = *n, .alpha = *alpha, A, B}; \
  RUN(TRMM, p##trmm_, T, , (s, ul, tA, d, m, n, alpha, a, lda, b, ldb)); } \
void p##trsm_(char *s, char *ul, char *tA, char *d, int *m, int *n, T *alpha, T *a, int *lda, T *b, int *ldb) \
{ call c = {.side = *s, .uplo = *ul, .transA = *tA, .diag = *d, .m = *m, .n = *n, .alpha = *alpha, A, B}; \
  RUN(TRSM, p##trsm_, T, , (s, ul, tA, d, m, n, alpha, a, lda, b, ldb)); }

ROUTINES_OF(s, float)
ROUTINES_OF(d, double)
