# One word per task. Needs make and python3 >= 3.11; everything else is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# More arguments for pytest: make test ARGS='-k idle'
ARGS ?=
# Processes that pytest spreads the test files over.
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help install serve test test-slow coverage lint format docs bench bench-console bench-deleting bench-reading bench-delivering bench-importing bench-overload bench-scale lock

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r name what; \
		do printf '  make %-10s %s\n' "$$name" "$$what"; done

install: $(VENV)/serve.stamp ## Make .venv with what serving needs

serve: install ## Install, migrate, serve on 127.0.0.1:8080, print the owner's token once
	@exec $(BIN)/sojourn serve

test: lint ## Check everything: lint, then every test but the slow ones
	$(BIN)/pytest -n $(WORKERS) --dist loadfile $(ARGS)

test-slow: $(VENV)/dev.stamp ## Run the tests marked slow (minutes)
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -m slow $(ARGS)

coverage: $(VENV)/dev.stamp ## Run the tests and show the lines and branches that none reaches
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --cov --cov-report=term --cov-report=html $(ARGS)

lint: $(VENV)/dev.stamp ## Check style, types and import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp ## Put the code into its one form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(VENV)/dev.stamp ## Write docs/reference again, from the code
	$(BIN)/python -m tests.docs.reference

# The load generator is no Python package: where we may we install it, elsewhere the benchmark says how.
bench: $(VENV)/dev.stamp ## Measure, print a table of ratios, write the figures as JSON
	@command -v wrk >/dev/null || [ "$$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null || { \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends wrk >/dev/null; }
	$(BIN)/python -m benchmarks $(ARGS)

bench-console: $(VENV)/dev.stamp ## Measure pages about sessions: a list of a million, a session of 10,000 activities
	$(BIN)/python -m benchmarks.console $(ARGS)

bench-deleting: $(VENV)/dev.stamp ## Measure how long deleting keeps others waiting
	$(BIN)/python -m benchmarks.deleting $(ARGS)

bench-reading: $(VENV)/dev.stamp ## Measure long answers: windows, streams, visits
	$(BIN)/python -m benchmarks.reading $(ARGS)

bench-delivering: $(VENV)/dev.stamp ## Measure deliveries of visits, beside the engines
	$(BIN)/python -m benchmarks.delivering $(ARGS)

bench-importing: $(VENV)/dev.stamp ## Measure an import, beside the engines
	$(BIN)/python -m benchmarks.importing $(ARGS)

bench-scale: $(VENV)/dev.stamp ## Measure cost against size, up to ten million sessions
	$(BIN)/python -m benchmarks.scale $(ARGS)

bench-overload: $(VENV)/dev.stamp ## Measure what ten times too much does to a server (a quarter of an hour)
	$(BIN)/python -m benchmarks.overload $(ARGS)

lock: $(BIN)/uv ## Renew the lock files from pyproject.toml (newest of all: make lock ARGS=--upgrade)
	$(LOCK) --group build --output-file requirements/serve.lock
	$(LOCK) --group build --group dev --extra agent --constraints requirements/serve.lock \
		--output-file requirements/dev.lock

# --no-config, and no index or find-links in the files: a lock says what, never from where.
LOCK = $(BIN)/uv pip compile pyproject.toml --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-strip-extras --no-annotate --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock' $(ARGS)

$(BIN)/uv: | $(BIN)/python
	$(PIP) install uv

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { \
		echo "Sojourn needs Python 3.11 or newer, and there is no '$(PYTHON)' here." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Sojourn needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "If a newer one is installed, name it: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "'$(PYTHON)' comes without venv. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)

# The stamps make a second call quick: a lock is installed again only when it or pyproject.toml changed.
$(VENV)/serve.stamp: requirements/serve.lock pyproject.toml $(BIN)/python
	$(PIP) install --require-hashes -r requirements/serve.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# dev.lock holds all of serve.lock, so this stamp stands for both.
$(VENV)/dev.stamp: requirements/dev.lock requirements/serve.lock pyproject.toml $(BIN)/python
	$(PIP) install --require-hashes -r requirements/dev.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	$(PIP) check
	@touch $(VENV)/serve.stamp $@
