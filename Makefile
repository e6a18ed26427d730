# Everything that is downloaded or built on the way is kept in CACHE, once.
CACHE ?= $(or $(XBUILD_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/xbuild)
export XBUILD_CACHE := $(CACHE)

TESTFLAGS ?=
PLATFORMS := linux/amd64,linux/arm64

.PHONY: help demo test test-unit test-apps lint push bench bench-quick bench-cache bench-page

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## build examples/hello for two architectures on a real BuildKit, and run it
	@mkdir -p $(CACHE)/bin
	@go build -o $(CACHE)/bin/demo ./internal/demo
	@$(CACHE)/bin/demo

# What go's test cache judges rightly it may answer. The packages that it can't judge, as those on a real BuildKit,
# read XBUILD_TEST_RUN in their tests, which is another one each time.
test: ## all tests, those on a real BuildKit included
	@go run ./internal/localkit/kit prepare
	XBUILD_TEST_RUN=$$(date +%s)-$$$$ go test -timeout 30m $(TESTFLAGS) ./...

test-unit: ## the tests that need no BuildKit
	go test -short $(TESTFLAGS) ./...

test-apps: ## build the programs of bench/apps on a real BuildKit, and compare them with those of go build
	@go run ./internal/localkit/kit prepare
	go test -count=1 -timeout 60m -tags apps $(TESTFLAGS) ./bench/apps

lint: ## gofmt, go vet, staticcheck, go mod tidy
	@bad=$$(gofmt -l $$(find . -name '*.go' -not -path './.*/*')); \
		if [ -n "$$bad" ]; then echo "gofmt -w is due:"; echo "$$bad"; exit 1; fi
	go vet ./...
	go vet -tags apps ./bench/apps
	go tool -modfile=tools/staticcheck/go.mod staticcheck ./...
	go mod tidy -diff

push: ## publish the frontend image: make push REF=registry/you/xbuild:1
	@if [ -z "$(REF)" ]; then echo "REF is missing: make push REF=registry/you/xbuild:1" >&2; exit 1; fi
	@if docker buildx inspect --bootstrap >/dev/null 2>&1; \
		then docker buildx build --platform $(PLATFORMS) --tag "$(REF)" --push .; \
		else go run ./internal/localkit/kit push "$(REF)"; fi

bench: ## measure everything beside its rivals, hours, and write docs/performance.md: BENCH=cache,guide selects, FLAGS="-runs 1 -again"; goes on where it was stopped
	@mkdir -p $(CACHE)/bin
	@go build -o $(CACHE)/bin/bench ./bench
	@$(CACHE)/bin/bench -suites "$(BENCH)" $(FLAGS)

bench-quick: ## measure a part of it, under five minutes, and fail where a ratio is worse by a third than in bench/results.json
	@$(MAKE) --no-print-directory bench FLAGS=-quick

bench-cache: ## measure caches in every state, an hour: the suite cache of make bench
	@$(MAKE) --no-print-directory bench BENCH=cache

bench-page: ## write docs/performance.md, its plots and the README's figures of bench/results.json
	@go run ./bench -page
