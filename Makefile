.PHONY: test generate bench train check

test: ## all tests
	go test ./...

generate: ## rewrite the assembly
	go generate ./...

bench: ## throughput of every kernel
	go test -run '^$$' -bench . ./kernels

train: ## the main job
	go run ./cmd/lanes train

check: ## what CI runs
	.ci/run
