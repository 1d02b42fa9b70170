//go:build cgo && (linux || darwin)

#include <dlfcn.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>

#include "libraries.h"

static int (*dnnl_sgemm)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *, int64_t, float, float *, int64_t);
static void (*omp_set_num_threads)(int);

static int load(char *about, int size) {
	static const char *const files[] = {"libdnnl.so.3", "libdnnl.so.2", "libdnnl.dylib"};
	void *lib = 0;
	for (unsigned i = 0; !lib && i < sizeof files / sizeof *files; i++)
		lib = dlopen(files[i], RTLD_NOW | RTLD_LOCAL);
	if (!lib) {
		snprintf(about, size, "%s", dlerror());
		return 0;
	}
	dnnl_sgemm = dlsym(lib, "dnnl_sgemm");
	const struct { int major, minor, patch; } *(*version)(void) = dlsym(lib, "dnnl_version");
	// In a build with another threading library, the number of threads cannot be set.
	omp_set_num_threads = dlsym(lib, "omp_set_num_threads");
	if (!dnnl_sgemm || !version || !omp_set_num_threads) {
		snprintf(about, size, "%s", MISSING);
		return 0;
	}
	snprintf(about, size, "%d.%d.%d", version()->major, version()->minor, version()->patch);
	return 1;
}

static int sgemm(product p, const float *a, const float *b, float *c) {
	omp_set_num_threads(p.threads);
	for (long i = 0; i < p.times; i++)
		dnnl_sgemm(p.transA ? 'T' : 'N', p.transB ? 'T' : 'N', p.m, p.n, p.k,
			1, a, p.transA ? p.m : p.k, b, p.transB ? p.k : p.n, 0, c, p.n);
	return 1;
}

const backend onednn = {"oneDNN", INT_MAX, load, sgemm, 0};
