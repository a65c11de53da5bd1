# A machine needs Python 3.11 or later and make; everything else is set up here.

SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.vbc-rules-stamp
PEERS := .venv-bench
SPARK := .venv-spark

# `python3` where it is new enough, otherwise the newest that runs: a command may exist and still fail (pyenv's shims do).
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo "$$p"; break; fi; done)
endif

.DEFAULT_GOAL := help
.PHONY: help setup run statewide test test-spark bench bench-peers lint format types contract check wheel lock clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(STAMP) ## the virtual environment, with everything a developer needs

run: $(STAMP) ## the first example
	$(BIN)/python examples/hospital_p4p.py

statewide: $(STAMP) ## six programs over a made-up state: 130 hospitals, 20,000 physicians
	$(BIN)/python examples/statewide.py

test: $(STAMP) ## all tests
	$(BIN)/python -m pytest -n auto

test-spark: $(SPARK)/.vbc-rules-stamp ## the tests over a Spark on this machine, which needs Java 17, and over Dask
	$(SPARK)/bin/python -m pytest tests/spark tests/engines

bench: $(STAMP) ## measure the speed, and write it into docs/performance.md
	$(BIN)/python -m tests.benchmarks --docs

bench-peers: $(PEERS)/.vbc-rules-stamp ## compare the speed with other engines, and write it into docs/performance.md
	$(PEERS)/bin/python -m tests.benchmarks.peers --docs

lint: $(STAMP) ## style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(STAMP) ## put formatting right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(STAMP) ## static types
	$(BIN)/mypy

contract: $(STAMP) ## who may import whom
	$(BIN)/lint-imports

check: lint types contract test ## all of the above checks

wheel: $(STAMP) ## what is handed out: dist/*.whl and the source archive
	$(BIN)/python -m build --no-isolation

# The tool that writes the lock lives in a throw-away environment: it is no dependency of the project.
lock: ## requirements/*.txt from pyproject.toml, for Python 3.11 and later on every platform
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; install it, or name it: make lock PYTHON=/path/to/python" >&2; exit 1; }
	@set -e; tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	"$(PYTHON)" -m venv "$$tools"; \
	"$$tools/bin/python" -m pip install --quiet uv==0.13.9; \
	lock="$$tools/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock'"; \
	eval "$$lock" pyproject.toml --group dev $(LOCK_FLAGS) --output-file requirements/dev.txt; \
	eval "$$lock" pyproject.toml --constraints requirements/dev.txt --output-file requirements/run.txt; \
	eval "$$lock" pyproject.toml --group bench $(LOCK_FLAGS) --output-file requirements/bench.txt; \
	eval "$$lock" pyproject.toml --group spark $(LOCK_FLAGS) --output-file requirements/spark.txt; \
	eval "$$lock" --group spark-build --constraints requirements/spark.txt --output-file requirements/spark-build.txt
	@if grep -nE '^-|://' requirements/*.txt; then echo "a lock file names an index; remove it" >&2; exit 1; fi

clean: ## remove what was made, the virtual environments too
	rm -rf .venv .venv-* build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests examples -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# Hashes are checked and nothing is built from what was not pinned: the project itself is built with the pinned hatchling.
$(STAMP): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; install it, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(BIN)/python" -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear "$(VENV)"
	@echo '*' > "$(VENV)/.gitignore"
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.txt
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation -e .
	@touch "$(STAMP)"

# The engines that the library is compared with are no dependencies of its own: they have an environment of their own.
$(PEERS)/.vbc-rules-stamp: requirements/bench.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; install it, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PEERS)/bin/python" -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear "$(PEERS)"
	@echo '*' > "$(PEERS)/.gitignore"
	"$(PEERS)/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/bench.txt
	"$(PEERS)/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation -e .
	@touch "$@"

# Spark is handed out as source only: its wheel is made here, with pinned tools that must be there before.
$(SPARK)/.vbc-rules-stamp: requirements/spark-build.txt requirements/spark.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; install it, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(SPARK)/bin/python" -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear "$(SPARK)"
	@echo '*' > "$(SPARK)/.gitignore"
	"$(SPARK)/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/spark-build.txt
	"$(SPARK)/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-binary pyspark \
		--no-build-isolation --use-pep517 -r requirements/spark.txt
	"$(SPARK)/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation -e .
	@touch "$@"
