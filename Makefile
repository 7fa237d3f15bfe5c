# Two commands do everything on a fresh machine: `make up` and `make test`.
STACK ?= dev
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python -m toolchain.run

.DEFAULT_GOAL := help
.PHONY: help setup up preview refresh destroy unlock jobs test coverage test-connector4 check bench document fuzz kills proofs oracles clean lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' Makefile

.venv/.done: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cortex-resources needs Python 3.11 or newer; set PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing pinned requirements into .venv"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q cortex_resources
	@touch $@

setup: .venv/.done ## Install everything into .venv, get or build the Pulumi engine
	@$(BIN)/python -m toolchain.engine path >/dev/null

up: .venv/.done ## Bring the account to what the stack file declares (STACK=dev)
	@$(RUN) up $(STACK)

preview: .venv/.done ## Show what `make up` would change
	@$(RUN) preview $(STACK)

refresh: .venv/.done ## Read the account back into Pulumi's state
	@$(RUN) refresh $(STACK)

destroy: .venv/.done ## Take everything of the stack out of the account
	@$(RUN) destroy $(STACK)

unlock: .venv/.done ## After a hard kill: release the lock, clear pending creates
	@$(RUN) unlock $(STACK)

jobs: .venv/.done ## List the stack's jobs and models, then what is in no state
	@$(RUN) jobs $(STACK)

LOCK := -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url
PURE := tests/unit tests/cases tests/properties tests/specs
# Two tests at a time, a file's tests in one process: each file has accounts of its own.
BESIDE := -n 2 --dist loadfile
CORE := cortex_resources/errors.py,cortex_resources/model/*,cortex_resources/sql/*,cortex_resources/plan/*,cortex_resources/specs/*

test: .venv/.done check coverage test-connector4 ## Lint, types, contracts and every test, the engine's included
	@$(BIN)/python -m toolchain.engine path >/dev/null
	@$(BIN)/python -m pytest $(BESIDE) $(addprefix --ignore=,$(PURE))

coverage: .venv/.done ## Every branch of the pure core is tested
	@$(BIN)/coverage run -m pytest -q $(PURE)
	@$(BIN)/coverage report --include='$(CORE)' --fail-under=100 --skip-covered

.toolchain/connector4/.done: requirements/connector4.txt
	@mkdir -p .toolchain
	@test -x .toolchain/connector4/bin/python || $(PYTHON) -m venv .toolchain/connector4
	@.toolchain/connector4/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements/connector4.txt
	@touch $@

test-connector4: .toolchain/connector4/.done ## The wire's tests and the account's cases on the older connector generation
	@.toolchain/connector4/bin/python -m pytest -q tests/gateway tests/conformance/test_cases.py --deselect tests/gateway/test_local_account.py::test_a_slow_statement_is_stopped_in_time

check: .venv/.done ## Lint, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/.done ## Time an unchanged preview, then the local account beside its floor
	@$(BIN)/python -m benchmarks.unchanged
	@$(BIN)/python -m benchmarks.local_account

document: .venv/.done ## Write docs/local-account.md from its cases, docs/messages.md from the code
	@$(BIN)/python -m tests.conformance.document
	@$(BIN)/python -m tests.messages.document

oracles: .venv/.done ## Foreign tools against the local account (ONLY="snow terraform" chooses)
	@$(BIN)/python -m oracles.run $(ONLY)

fuzz: .venv/.done ## Send the local account 20,000 mutated requests and 50,000 statements
	@$(BIN)/python -m tests.fuzz.requests --count 20000 --seed 1
	@$(BIN)/python -m tests.fuzz.statements --count 50000 --seed 1

kills: .venv/.done ## Kill the local account 20 times under eight writers
	@$(BIN)/python -m tests.kills --kills 20 --writers 8 --seed 1

proofs: SEED ?= $(shell date +%s)
proofs: .venv/.done ## Kill a paid job at every statement, then live 300 random histories (SEED=…)
	@echo "seed $(SEED): make proofs SEED=$(SEED) lives the same histories again"
	@CORTEX_RESOURCES_EVERYWHERE=1 CORTEX_RESOURCES_HISTORIES=300 CORTEX_RESOURCES_SEED=$(SEED) \
	  $(BIN)/python -m pytest -q tests/lives tests/engine/test_kill_everywhere.py

lock: ## Pin the requirements again
	@uv pip compile $(LOCK) --all-extras pyproject.toml -o requirements/dev.txt
	@sed -n 's/^\([a-z0-9._-]*==[^ ;]*\) \\$$/\1/p' requirements/dev.txt | grep -v '^snowflake-connector' | uv pip compile $(LOCK) -c - requirements/connector4.in -o requirements/connector4.txt

clean: ## Remove what make made: engine, state, local account, .venv
	@test ! -x $(BIN)/python || $(BIN)/python -m cortex_resources account stop >/dev/null 2>&1 || true
	@rm -rf .venv .toolchain .pulumi-state .local-account .mypy_cache .pytest_cache .ruff_cache
