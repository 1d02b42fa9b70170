//go:build cgo && (linux || darwin)

package peers

/*
#cgo linux LDFLAGS: -ldl
#cgo libxsmm CFLAGS: -DLIBXSMM_LINKED
#cgo libxsmm LDFLAGS: -lxsmm -lxsmmnoblas -lpthread -lrt -lm
#include "libraries.h"

static int load(const backend *l, char *about, int size) { return l->load(about, size); }
static int sgemm(const backend *l, product p, const float *a, const float *b, float *c) { return l->sgemm(p, a, b, c); }
static int dgemm(const backend *l, product p, const double *a, const double *b, double *c) { return l->dgemm(p, a, b, c); }
*/
import "C"

import "github.com/lanes-ml/lanes/kernels"

func loadLibraries() (peers []Peer, absent []Absent) {
	for _, l := range []*C.backend{&C.openblas, &C.blis, &C.onednn, &C.libxsmm} {
		name := C.GoString(l.name)
		var about [256]C.char
		if C.load(l, &about[0], C.int(len(about))) == 0 {
			absent = append(absent, Absent{name, C.GoString(&about[0])})
			continue
		}
		peers = append(peers, backendPeer(l, name, C.GoString(&about[0])))
	}
	return peers, absent
}

func backendPeer(l *C.backend, name, about string) Peer {
	peer := Peer{Name: name, About: about, MaxThreads: int(l.maxThreads)}
	peer.Single = func(p Product[float32], threads, times int) bool {
		return C.sgemm(l, header(p, threads, times), (*C.float)(&p.A[0]), (*C.float)(&p.B[0]), (*C.float)(&p.C[0])) != 0
	}
	if l.dgemm != nil {
		peer.Double = func(p Product[float64], threads, times int) bool {
			return C.dgemm(l, header(p, threads, times), (*C.double)(&p.A[0]), (*C.double)(&p.B[0]), (*C.double)(&p.C[0])) != 0
		}
	}
	return peer
}

func header[T kernels.Float](p Product[T], threads, times int) C.product {
	h := C.product{m: C.int(p.M), n: C.int(p.N), k: C.int(p.K), threads: C.int(threads), times: C.long(times)}
	if p.TransA {
		h.transA = 1
	}
	if p.TransB {
		h.transB = 1
	}
	return h
}
