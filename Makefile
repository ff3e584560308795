# One environment, .venv, at the root: made from constraints.txt when it is missing or stale, silent when it is not.
PYTHON ?= python3
BIN := .venv/bin
RUN := $(BIN)/python -m
PIP := $(RUN) pip install --quiet --disable-pip-version-check -c constraints.txt
export OPENBLAS_NUM_THREADS ?= 1
export MPLBACKEND ?= Agg

.PHONY: replicate test test-browser check map notebooks bench docs clean
.DELETE_ON_ERROR:

replicate: .venv/.runtime
	$(BIN)/yrd replicate

test: .venv/.dev
	$(RUN) pytest --numprocesses=2 --dist=loadfile
	$(RUN) pytest --nbmake --nbmake-timeout=600 notebooks

# Needs Chromium (Debian: apt-get install chromium); another place of it in the variable CHROMIUM.
test-browser: .venv/.dev
	@$(PIP) -e ".[browser]"
	$(RUN) pytest tests/browser

check: .venv/.dev
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(BIN)/lint-imports
	$(RUN) pytest -q tests/test_architecture.py

map: .venv/.dev
	$(BIN)/python tests/test_architecture.py

notebooks: .venv/.dev
	$(RUN) pytest --nbmake --nbmake-timeout=600 notebooks

bench: .venv/.dev
	for peers in autocorrelation industry models; do $(BIN)/python benchmarks/$$peers.py || exit 1; done

docs: .venv/.docs
	$(RUN) sphinx -q -E -W --keep-going -b html docs docs/_build/html
	$(BIN)/python docs/links.py

clean:
	rm -rf .venv results

.venv/bin/python:
	@echo "making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv

.venv/.runtime: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing yrdspatial into .venv"
	@$(PIP) -e .
	@touch $@

.venv/.dev: pyproject.toml constraints.txt | .venv/bin/python
	@echo "installing yrdspatial with the extras test and notebooks into .venv"
	@$(PIP) -e ".[test,notebooks]"
	@touch .venv/.runtime $@

.venv/.docs: .venv/.dev
	@echo "installing the extra docs into .venv"
	@$(PIP) -e ".[docs]"
	@touch $@
