# All targets work on a fresh Debian machine with Go and git.
# The binary needs no C library: the SQLite driver is pure Go.

GO ?= go
LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME ?= 60s
FUZZRUNS ?= 3
STRESS ?= 10
KILLS ?= 3
FAILOVERS ?= 20

# Everything is built without gin's MessagePack, which nobody sends; its codec takes long to compile.
export GOFLAGS += -tags=nomsgpack

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

build: ## build bin/rejoinder
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w" -o bin/rejoinder ./cmd/rejoinder

build-bench: build ## build bin/rejoinder-bench, which benchmarks bin/rejoinder
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w" -o bin/rejoinder-bench ./cmd/rejoinder-bench

run: build ## start everything on embedded SQLite, with a demo article
	@exec bin/rejoinder serve --demo

needs: ## find or install what the tests need: PostgreSQL, Chromium and nginx
	@sh .ci/needs

# Tests wait for servers, databases and browsers, so more packages run at once than there are CPUs.
test: needs ## run vet and every test, on SQLite and on PostgreSQL, with a real browser
	$(GO) test -vet=all -count=1 -p $$(($$(getconf _NPROCESSORS_ONLN) + 1)) -timeout 45m ./...

lint: ## run golangci-lint; the first run builds it, which takes a few minutes
	$(GO) run $(LINT) run ./...

check: needs lint ## run before submitting a change: lint, vet, and every test with the race detector
	$(GO) test -vet=all -count=1 -race -timeout 60m ./...

stress: needs ## run every test STRESS (10) times in random order, with KILLS (3) kills in tests of kill -9, while two processes keep the CPUs busy
	@trap 'kill $$busy' EXIT; for n in 1 2; do sh -c 'while :; do :; done' & busy="$$busy $$!"; done; \
	for n in $$(seq $(STRESS)); do REJOINDER_KILL_ROUNDS=$(KILLS) $(GO) test -count=1 -shuffle=on -timeout 90m ./... || exit 1; done

check-a11y: needs ## run axe-core and html-validate on every state of a thread (the only target that needs npm)
	@command -v npm >/dev/null || { echo "check-a11y needs npm, on Debian: sudo apt-get install npm"; exit 1; }
	npm install --silent --no-save --prefix .cache/a11y axe-core@4 html-validate@10
	REJOINDER_A11Y_TOOLS=$(CURDIR)/.cache/a11y $(GO) test -count=1 -tags a11y,nomsgpack -run 'Axe|PagesAreValid' -v ./cmd/rejoinder

screens: needs ## take the pictures in docs/screens: 24 screens, on a desk and a phone, light and dark
	$(GO) test -count=1 -tags screens,nomsgpack -run TakeScreens ./cmd/rejoinder

bench: build-bench ## benchmark reads, writes and a queue on both engines, against bare gin (5 minutes; needs wrk and PostgreSQL)
	bin/rejoinder-bench all

bench-code: ## run the Go benchmarks of single functions
	$(GO) test -run '^$$' -bench . -benchmem ./...

bench-read: build-bench ## benchmark serving threads, against bare gin (needs wrk and PostgreSQL)
	bin/rejoinder-bench read

bench-write: build-bench ## benchmark evaluating and storing submissions, against bare gin (needs PostgreSQL)
	bin/rejoinder-bench write

bench-queue: build-bench ## benchmark a queue of a million comments among ten million (an hour, 20 GB; needs PostgreSQL)
	bin/rejoinder-bench queue

bench-scale: build-bench ## compare ten million comments with ten thousand (two hours, 50 GB; needs PostgreSQL)
	bin/rejoinder-bench scale

bench-anatomy: build-bench ## show what a submission costs: bytes by table and index, log, statements, CPU time (needs PostgreSQL)
	bin/rejoinder-bench anatomy

soak: build-bench ## run a mixed load for an hour, and fail if the server grows (needs PostgreSQL)
	bin/rejoinder-bench soak

faults: needs ## run fault-injection tests in full: servers and databases killed, disks full, connections cut
	REJOINDER_FAULTS=full $(GO) test -count=1 -timeout 60m -run 'NothingIsLost|FullDisk|AFlood|ClockThat|WithoutItsDatabase|WithoutADatabase|OneByteASecond|FirstList' -v ./cmd/rejoinder ./handlers

cluster-test: build-bench ## kill the primary of a PostgreSQL cluster FAILOVERS (20) times under load (a quarter of an hour; needs Patroni, etcd, HAProxy and PgBouncer)
	@sh .ci/needs-cluster
	bin/rejoinder-bench cluster --kills $(FAILOVERS)

fuzz: ## run every fuzz target for FUZZTIME (60s)
	@for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$package || exit 1; \
	  done; \
	done

fuzz-http: needs ## send random requests to every route on both engines, FUZZRUNS (3) runs; REJOINDER_FUZZ_SEED repeats one run
	REJOINDER_FUZZ_RUNS=$(FUZZRUNS) $(GO) test -count=1 -timeout 0 -run RandomRequests -v ./handlers

nightly: faults soak ## run the tests that take hours: every fuzz target (5 minutes), random requests (an hour), faults, soak
	$(MAKE) fuzz FUZZTIME=5m
	$(MAKE) fuzz-http FUZZRUNS=1000

.PHONY: help build build-bench run needs test lint check stress check-a11y screens bench bench-code bench-read bench-write bench-queue bench-scale bench-anatomy soak faults cluster-test fuzz \
	fuzz-http nightly
