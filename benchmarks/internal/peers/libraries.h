// A product as in Go. The loop over its repetitions runs in C, so that the library's time
// does not include the calls from Go.
typedef struct {
	int transA, transB, m, n, k, threads;
	long times;
} product;

typedef struct {
	const char *name;
	int maxThreads;

	// load returns whether the library is there. It writes to about what the library is,
	// or why it is absent.
	int (*load)(char *about, int size);

	// sgemm and dgemm return whether the library computes the product; dgemm may
	// be null.
	int (*sgemm)(product p, const float *a, const float *b, float *c);
	int (*dgemm)(product p, const double *a, const double *b, double *c);
} backend;

#define MISSING "a function that is called here is missing"

extern const backend openblas, blis, onednn, libxsmm;
