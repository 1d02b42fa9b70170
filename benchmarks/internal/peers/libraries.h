// A product as in Go. The loop over its repetitions runs in C, so that the cost
// of entering C is not the library's.
typedef struct {
	int transA, transB, m, n, k, threads;
	long times;
} product;

typedef struct {
	const char *name;
	int maxThreads;

	// load writes what the library is to about, or why it is absent, and returns
	// whether it is there.
	int (*load)(char *about, int size);

	// sgemm and dgemm return whether the library computes the product; dgemm may
	// be null.
	int (*sgemm)(product p, const float *a, const float *b, float *c);
	int (*dgemm)(product p, const double *a, const double *b, double *c);
} backend;

#define MISSING "a function that is called here is missing"

extern const backend openblas, onednn, libxsmm;
