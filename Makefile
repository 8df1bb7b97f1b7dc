# The commands of the repository. Each installs what it needs into .local the first time.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo up down secret invoke logs test lint validate build simulate soak seed killed bench coverage deploy tools
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

TOOLS := .local/tools
STACK := $(CURDIR)/$(TOOLS)/stack/bin
SAM := $(CURDIR)/$(TOOLS)/sam/bin
CROSS := $(CURDIR)/$(TOOLS)/cross/bin
SIM := cargo run --quiet --locked --profile sim -p e2e --bin sim --
LOCAL := cargo run --quiet --locked -p e2e --bin local --
export SAM_CLI_TELEMETRY := 0

help: ## Show this list.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

demo: build ## The main job on the local stack, from nothing, with simulated Concur and Acumatica.
	@cargo run --quiet --locked -p e2e --bin demo

up: build ## Start the local stack to play with (PORT=4566).
	@$(LOCAL) up

down: $(TOOLS)/crates.done ## Stop the local stack.
	@$(LOCAL) down

secret: $(TOOLS)/crates.done ## Store a secret in the local stack: NAME=acme/concur FILE=concur.json
	@$(LOCAL) secret "$(NAME)" "$(FILE)"

invoke: $(TOOLS)/crates.done ## Call a function of the local stack: FUNCTION=poll EVENT=events/poll.schedule.json
	@$(LOCAL) invoke "$(FUNCTION)" "$(EVENT)"

logs: $(TOOLS)/crates.done ## Show what a function of the local stack wrote: FUNCTION=post
	@$(LOCAL) logs "$(FUNCTION)"

test: lint validate build ## Everything CI runs.
	cargo test --locked --workspace --no-fail-fast
	cargo test --locked -p e2e --test killed -- --nocapture
	@$(MAKE) simulate

lint: $(TOOLS)/crates.done
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps

validate: $(TOOLS)/sam.done
	$(SAM)/cfn-lint infra/template.yaml
	cd infra && $(SAM)/sam validate --lint --region us-east-1

build: $(TOOLS)/stack.done $(TOOLS)/crates.done ## Build the function binaries for this machine.
	@$(STACK)/cargo-lambda lambda build --locked --release --compiler cargo --output-format zip \
		-p poll -p post -p connect -p replay

simulate: $(TOOLS)/crates.done ## Crashes and faults at every step, mutants, and 100,000 documents in bad weather.
	@$(SIM)

soak: $(TOOLS)/crates.done ## More bad weather: N=1000000 SEED=1
	@$(SIM) soak "$(or $(N),1000000)" "$(or $(SEED),1)"

seed: $(TOOLS)/crates.done ## One world of the simulation with all its events: SEED=1
	@$(SIM) seed "$(or $(SEED),1)"

killed: build ## The real binaries killed at random during 300 documents.
	cargo test --locked -p e2e --test killed -- --nocapture

bench: build ## The figures of the README, side by side.
	@cargo build --quiet --locked --release -p e2e --bin bench --bin hello
	@cargo run --quiet --locked --release -p e2e --bin bench

coverage: $(TOOLS)/coverage.done $(TOOLS)/crates.done ## Line coverage of the accounting, at least 95 %.
	@infra/coverage.sh 95

deploy: $(TOOLS)/sam.done $(TOOLS)/stack.done $(TOOLS)/cross.done ## sam build and sam deploy with your AWS credentials (ARGS="--parameter-overrides Stage=prod").
	cd infra && PATH="$(CROSS):$(STACK):$(SAM):$$PATH" $(SAM)/sam build
	cd infra && $(SAM)/sam deploy $(ARGS)

tools: $(TOOLS)/stack.done $(TOOLS)/sam.done $(TOOLS)/crates.done

$(TOOLS)/%.done: infra/tools.txt infra/tools.sh
	@infra/tools.sh $*

$(TOOLS)/crates.done: Cargo.lock infra/tools.sh
	@infra/tools.sh crates
