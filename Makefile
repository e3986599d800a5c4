# `make run` sets everything up and runs the main job; `make test` runs every test.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# The tests start Python hundreds of times; without its cache each start compiles every module again.
unexport PYTHONDONTWRITEBYTECODE

# Processes that share the tests, as tests/longest_first.py says. Two more than there are cores: many
# tests wait for time limits, downloads, children and containers.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)

# Of `ci-run`: the mode, the lanes (none named: all) and the folder of the results.
PLACE ?= auto
LANES ?=
OUT ?= oss-bodies-report

.PHONY: run ci-run fuzz test test-all test-fast test-containers lint format bench docs mutation package images clean

$(BIN)/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; name one with: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

run: $(BIN)/.ready
	$(BIN)/oss-bodies run $(ARGS)

# The main job as CI runs it, once for each mode: make ci-run PLACE=host
ci-run: $(BIN)/.ready
	$(BIN)/oss-bodies run $(foreach lane,$(LANES),--lane '$(lane)') --in $(PLACE) --out $(OUT) $(ARGS)

fuzz: $(BIN)/.ready
	$(BIN)/oss-bodies fuzz $(ARGS)

test: lint test-all

# Without a Docker engine the tests with containers are skipped, with the reason; with one all run.
test-all: $(BIN)/.ready
	$(BIN)/pytest -n $(WORKERS) --dist loadfile $(ARGS)

test-fast: $(BIN)/.ready
	$(BIN)/pytest -m 'not containers' -n $(WORKERS) --dist loadfile $(ARGS)

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

docs: $(BIN)/.ready
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# Counts the deliberately wrong runners that are caught, and lists those that are not.
mutation: $(BIN)/.ready
	PYTHONPATH=tests $(BIN)/python -m fakes.mutation

# Builds sdist and wheel, and runs the main job and the plugin from them in clean environments:
# make package PYTHONS="python3.11 python3.13"
PYTHONS ?= $(PYTHON)
package: $(BIN)/.ready
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/python -m twine check --strict dist/*
	OSS_BODIES_DIST=dist OSS_BODIES_PYTHONS="$(PYTHONS)" $(BIN)/pytest tests/package $(ARGS)

# Builds the image of each lane and saves it with those of the mock and the base, for docker load:
# make images LANES="python rest"
images: $(BIN)/.ready
	$(BIN)/python .ci/save_images.py dist $(LANES)

clean:
	rm -rf $(VENV) build dist site .mypy_cache .pytest_cache .ruff_cache oss-bodies-report oss-bodies-fuzz oss-bodies-repeat
