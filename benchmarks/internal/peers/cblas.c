//go:build cgo && (linux || darwin)

#include <dlfcn.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>

#include "libraries.h"

enum { rowMajor = 101, noTrans = 111, trans = 112 };

// A library with the C interface of BLAS. The names of its functions are those of others
// too, so that each library is opened for itself.
typedef struct {
	void (*sgemm)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
	void (*dgemm)(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *, int);
} cblas;

// openLibrary returns the library, which has one of two names, or null.
static void *openLibrary(cblas *l, const char *name, const char *other, char *about, int size) {
	void *lib = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (!lib)
		lib = dlopen(other, RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		snprintf(about, size, "%s", dlerror());
		return 0;
	}
	l->sgemm = dlsym(lib, "cblas_sgemm");
	l->dgemm = dlsym(lib, "cblas_dgemm");
	snprintf(about, size, "%s", MISSING);
	return l->sgemm && l->dgemm ? lib : 0;
}

static int singles(const cblas *l, product p, const float *a, const float *b, float *c) {
	for (long i = 0; i < p.times; i++)
		l->sgemm(rowMajor, p.transA ? trans : noTrans, p.transB ? trans : noTrans, p.m, p.n, p.k,
			1, a, p.transA ? p.m : p.k, b, p.transB ? p.k : p.n, 0, c, p.n);
	return 1;
}

static int doubles(const cblas *l, product p, const double *a, const double *b, double *c) {
	for (long i = 0; i < p.times; i++)
		l->dgemm(rowMajor, p.transA ? trans : noTrans, p.transB ? trans : noTrans, p.m, p.n, p.k,
			1, a, p.transA ? p.m : p.k, b, p.transB ? p.k : p.n, 0, c, p.n);
	return 1;
}

static cblas openblasLibrary, blisLibrary;
static void (*openblas_set_num_threads)(int);
static void (*bli_thread_set_num_threads)(int64_t); // its integers have 64 bits by default

static int loadOpenBLAS(char *about, int size) {
	void *lib = openLibrary(&openblasLibrary, "libopenblas.so.0", "libopenblas.dylib", about, size);
	if (!lib)
		return 0;
	openblas_set_num_threads = dlsym(lib, "openblas_set_num_threads");
	char *(*core)(void) = dlsym(lib, "openblas_get_corename");
	char *(*config)(void) = dlsym(lib, "openblas_get_config");
	if (!openblas_set_num_threads || !core || !config)
		return 0;
	char version[32] = "";
	sscanf(config(), "OpenBLAS %31s", version);
	snprintf(about, size, "%s, %s", version, core());
	return 1;
}

static int loadBLIS(char *about, int size) {
	void *lib = openLibrary(&blisLibrary, "libblis.so.4", "libblis.dylib", about, size);
	if (!lib)
		return 0;
	bli_thread_set_num_threads = dlsym(lib, "bli_thread_set_num_threads");
	void (*init)(void) = dlsym(lib, "bli_init");
	int (*arch)(void) = dlsym(lib, "bli_arch_query_id");
	char *(*name)(int) = dlsym(lib, "bli_arch_string");
	char *(*version)(void) = dlsym(lib, "bli_info_get_version_str");
	if (!bli_thread_set_num_threads || !init || !arch || !name || !version)
		return 0;
	init(); // before it, BLIS_ARCH_TYPE makes arch abort
	snprintf(about, size, "%s, %s", version(), name(arch()));
	return 1;
}

static int sgemmOpenBLAS(product p, const float *a, const float *b, float *c) {
	openblas_set_num_threads(p.threads);
	return singles(&openblasLibrary, p, a, b, c);
}

static int dgemmOpenBLAS(product p, const double *a, const double *b, double *c) {
	openblas_set_num_threads(p.threads);
	return doubles(&openblasLibrary, p, a, b, c);
}

static int sgemmBLIS(product p, const float *a, const float *b, float *c) {
	bli_thread_set_num_threads(p.threads);
	return singles(&blisLibrary, p, a, b, c);
}

static int dgemmBLIS(product p, const double *a, const double *b, double *c) {
	bli_thread_set_num_threads(p.threads);
	return doubles(&blisLibrary, p, a, b, c);
}

const backend openblas = {"OpenBLAS", INT_MAX, loadOpenBLAS, sgemmOpenBLAS, dgemmOpenBLAS};
const backend blis = {"BLIS", INT_MAX, loadBLIS, sgemmBLIS, dgemmBLIS};
