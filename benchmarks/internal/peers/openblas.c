//go:build cgo && (linux || darwin)

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>

#include "libraries.h"

enum { rowMajor = 101, noTrans = 111, trans = 112 };

static void (*cblas_sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
static void (*cblas_dgemm)(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *, int);
static void (*openblas_set_num_threads)(int);

static int load(char *about, int size) {
	void *lib = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!lib)
		lib = dlopen("libopenblas.dylib", RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		snprintf(about, size, "%s", dlerror());
		return 0;
	}
	cblas_sgemm = dlsym(lib, "cblas_sgemm");
	cblas_dgemm = dlsym(lib, "cblas_dgemm");
	openblas_set_num_threads = dlsym(lib, "openblas_set_num_threads");
	char *(*core)(void) = dlsym(lib, "openblas_get_corename");
	char *(*config)(void) = dlsym(lib, "openblas_get_config");
	if (!cblas_sgemm || !cblas_dgemm || !openblas_set_num_threads || !core || !config) {
		snprintf(about, size, "%s", MISSING);
		return 0;
	}
	char version[32] = "";
	sscanf(config(), "OpenBLAS %31s", version);
	snprintf(about, size, "%s, %s", version, core());
	return 1;
}

static int sgemm(product p, const float *a, const float *b, float *c) {
	openblas_set_num_threads(p.threads);
	for (long i = 0; i < p.times; i++)
		cblas_sgemm(rowMajor, p.transA ? trans : noTrans, p.transB ? trans : noTrans, p.m, p.n, p.k,
			1, a, p.transA ? p.m : p.k, b, p.transB ? p.k : p.n, 0, c, p.n);
	return 1;
}

static int dgemm(product p, const double *a, const double *b, double *c) {
	openblas_set_num_threads(p.threads);
	for (long i = 0; i < p.times; i++)
		cblas_dgemm(rowMajor, p.transA ? trans : noTrans, p.transB ? trans : noTrans, p.m, p.n, p.k,
			1, a, p.transA ? p.m : p.k, b, p.transB ? p.k : p.n, 0, c, p.n);
	return 1;
}

const backend openblas = {"OpenBLAS", INT_MAX, load, sgemm, dgemm};
