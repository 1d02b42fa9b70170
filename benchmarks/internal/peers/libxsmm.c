//go:build cgo && (linux || darwin)

#include <dlfcn.h>
#include <stdio.h>

#include "libraries.h"

typedef void (*skernel)(const float *, const float *, float *);
typedef void (*dkernel)(const double *, const double *, double *);

#ifdef LIBXSMM_LINKED
skernel libxsmm_smmdispatch(int, int, int, const int *, const int *, const int *, const float *, const float *, const int *, const int *);
dkernel libxsmm_dmmdispatch(int, int, int, const int *, const int *, const int *, const double *, const double *, const int *, const int *);
const char *libxsmm_get_target_arch(void);

static int find(char *about, int size) {
	return 1;
}
#else
static skernel (*libxsmm_smmdispatch)(int, int, int, const int *, const int *, const int *, const float *, const float *, const int *, const int *);
static dkernel (*libxsmm_dmmdispatch)(int, int, int, const int *, const int *, const int *, const double *, const double *, const int *, const int *);
static const char *(*libxsmm_get_target_arch)(void);

static int find(char *about, int size) {
	void *lib = dlopen("libxsmm.so", RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		snprintf(about, size, "%s; the build tag libxsmm links its archive", dlerror());
		return 0;
	}
	libxsmm_smmdispatch = dlsym(lib, "libxsmm_smmdispatch");
	libxsmm_dmmdispatch = dlsym(lib, "libxsmm_dmmdispatch");
	libxsmm_get_target_arch = dlsym(lib, "libxsmm_get_target_arch");
	if (!libxsmm_smmdispatch || !libxsmm_dmmdispatch || !libxsmm_get_target_arch) {
		snprintf(about, size, "%s", MISSING);
		return 0;
	}
	return 1;
}
#endif

static int load(char *about, int size) {
	if (!find(about, size))
		return 0;
	snprintf(about, size, "kernels for %s", libxsmm_get_target_arch());
	return 1;
}

// libxsmm is made for products that stay in the caches of a core.
static int large(product p) {
	return (double)p.m * p.n * p.k > 256.0 * 256 * 256;
}

enum { flagTransA = 1, flagTransB = 2, noPrefetch = 0 };

// Its matrices are column-major: with ours it computes Cᵀ = op(B)ᵀ·op(A)ᵀ.
static int sgemm(product p, const float *a, const float *b, float *c) {
	int lda = p.transB ? p.k : p.n, ldb = p.transA ? p.m : p.k, prefetch = noPrefetch;
	int flags = (p.transB ? flagTransA : 0) | (p.transA ? flagTransB : 0);
	float alpha = 1, beta = 0;
	skernel kernel = large(p) ? 0 : libxsmm_smmdispatch(p.n, p.m, p.k, &lda, &ldb, &p.n, &alpha, &beta, &flags, &prefetch);
	if (!kernel)
		return 0;
	for (long i = 0; i < p.times; i++)
		kernel(b, a, c);
	return 1;
}

static int dgemm(product p, const double *a, const double *b, double *c) {
	int lda = p.transB ? p.k : p.n, ldb = p.transA ? p.m : p.k, prefetch = noPrefetch;
	int flags = (p.transB ? flagTransA : 0) | (p.transA ? flagTransB : 0);
	double alpha = 1, beta = 0;
	dkernel kernel = large(p) ? 0 : libxsmm_dmmdispatch(p.n, p.m, p.k, &lda, &ldb, &p.n, &alpha, &beta, &flags, &prefetch);
	if (!kernel)
		return 0;
	for (long i = 0; i < p.times; i++)
		kernel(b, a, c);
	return 1;
}

const backend libxsmm = {"libxsmm", 1, load, sgemm, dgemm};
