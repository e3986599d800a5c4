# `make run` sets everything up and runs the main job; `make test` runs every test.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run fuzz test test-fast test-containers lint format bench mutation clean

$(BIN)/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; name one with: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

run: $(BIN)/.ready
	$(BIN)/oss-bodies run $(ARGS)

fuzz: $(BIN)/.ready
	$(BIN)/oss-bodies fuzz $(ARGS)

test: lint test-fast test-containers

test-fast: $(BIN)/.ready
	$(BIN)/pytest -m 'not containers' $(ARGS)

# Without a Docker engine these tests are skipped, with the reason; with one all of them run.
test-containers: $(BIN)/.ready
	$(BIN)/pytest -m containers $(ARGS)

lint: $(BIN)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(BIN)/.ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(BIN)/.ready
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: docs
docs: $(BIN)/.ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet
	@echo build/docs/index.html

# Counts the deliberately wrong runners that are caught, and lists those that are not.
mutation: $(BIN)/.ready
	PYTHONPATH=tests $(BIN)/python -m fakes.mutation

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache oss-bodies-report oss-bodies-fuzz oss-bodies-repeat
