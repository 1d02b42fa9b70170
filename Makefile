.PHONY: test generate bench bench-report train check

test: ## all tests
	go test ./...

generate: ## rewrite the assembly
	go generate ./...

bench: ## throughput of every kernel
	go test -run '^$$' -bench . ./kernels

bench-report: ## against other libraries: a page and a picture in benchmarks/results/, a row in README.md
	go build -buildvcs=true -o lanes ./cmd/lanes
	{ ./lanes info --json && ./lanes version --json && cd benchmarks && \
		go test -run '^$$' -bench . -benchtime 50ms -count 5 -timeout 0 \
			$(if $(wildcard /usr/include/libxsmm.h),-tags libxsmm) .; } > benchmarks/results.txt
	for threads in 1 $(if $(filter-out 1,$(shell nproc)),2); do for what in elementwise train; do \
		./lanes bench $$what --threads $$threads --json || exit 1; done; done >> benchmarks/results.txt
	cd benchmarks && go run ./report -to results -readme ../README.md < results.txt

train: ## the main job
	go run ./cmd/lanes train

check: ## what CI runs
	.ci/run
