// Package benchmarks compares products of matrices with those of other
// libraries. It is a module of its own, so that nothing else depends on them.
//
//	go test -bench . -benchtime 50ms -count 5 -timeout 0 [-tags libxsmm] | tee results.txt
//	go run ./report < results.txt
//
// "make bench-report" runs this and what "lanes bench" measures, and keeps a page for each
// processor in results/.
//
// It holds only tests. A benchmark's name says everything about it:
//
//	BenchmarkGemm/dtype=float32/level=avx512/threads=1/shape=TN-3072x75x300/impl=oneDNN
//
// is C = Aᵀ·B, where C is 3072×75 and the inner dimension is 300. GFLOP/s counts
// 2mnk operations, and %peak is their share of BenchmarkPeak, which is measured in the
// same process at the same level or, for the portable level, at the machine's best.
//
// Libraries choose their instructions when they are loaded. So every level runs in a
// process of its own, in which the libraries are limited to the level too; LANES_LEVEL
// chooses one level. With -count n the whole table is run n times, so that the libraries
// take turns. A line at the start names those that cannot run.
//
// Package peers explains the names of the libraries and how they are found, package
// machine how peak and bandwidth are measured.
package benchmarks
