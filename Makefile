.PHONY: test generate bench bench-report train check

test: ## all tests
	go test ./...

generate: ## rewrite the assembly
	go generate ./...

bench: ## throughput of every kernel
	go test -run '^$$' -bench . ./kernels

bench-report: ## against other libraries: a table and a picture in benchmarks/
	cd benchmarks && go test -run '^$$' -bench . -benchtime 50ms -count 5 -timeout 0 \
		$(if $(wildcard /usr/include/libxsmm.h),-tags libxsmm) > results.txt
	cd benchmarks && go run ./report -picture roofline.png < results.txt > results.md

train: ## the main job
	go run ./cmd/lanes train

check: ## what CI runs
	.ci/run
