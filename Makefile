# Two commands do everything on a fresh machine: `make up` and `make test`.
STACK ?= dev
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python -m toolchain.run

.DEFAULT_GOAL := help
.PHONY: help setup up preview refresh destroy unlock test check bench clean lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' Makefile

.venv/.done: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cortex-resources needs Python 3.11 or newer; set PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing pinned requirements into .venv"
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: .venv/.done ## Install everything into .venv, get or build the Pulumi engine
	@$(BIN)/python -m toolchain.engine path >/dev/null

up: .venv/.done ## Bring the account to what stacks/$(STACK).yaml declares
	@$(RUN) up $(STACK)

preview: .venv/.done ## Show what `make up` would change
	@$(RUN) preview $(STACK)

refresh: .venv/.done ## Read the account back into Pulumi's state
	@$(RUN) refresh $(STACK)

destroy: .venv/.done ## Take everything of the stack out of the account
	@$(RUN) destroy $(STACK)

unlock: .venv/.done ## After a hard kill: release the lock, clear pending creates
	@$(RUN) unlock $(STACK)

test: .venv/.done ## Lint, types, contracts and every test, the engine's included
	@$(BIN)/python -m toolchain.engine path >/dev/null
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest

check: .venv/.done ## Lint, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/.done ## Time an unchanged preview and count its statements
	@$(BIN)/python -m benchmarks.unchanged

lock: ## Pin the requirements again
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --all-extras pyproject.toml -o requirements/dev.txt

clean: ## Remove what make made: engine, state, local account, .venv
	@test ! -x $(BIN)/python || $(BIN)/python -m cortex_resources account stop >/dev/null 2>&1 || true
	@rm -rf .venv .toolchain .pulumi-state .local-account .mypy_cache .pytest_cache .ruff_cache
