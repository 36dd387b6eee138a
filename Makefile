# Every command sets up what it needs; `make demo` is all that a newcomer types.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export TZ := UTC
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test check setup tools bench docs format clean browser postgres

demo: setup
	$(BIN)/kpi demo

setup: $(VENV)/.ready

tools: $(VENV)/.ready-tools

$(VENV)/.ready: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || sh tools/install-system.sh venv "$(PYTHON)" "$(VENV)"
	$(PIP) -r requirements.txt
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.ready-tools: $(VENV)/.ready requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	touch $@

browser:
	sh tools/install-system.sh browser

postgres:
	sh tools/install-system.sh postgres

# Three workers keep two cores busy: each of them often waits for a browser or a database.
test: tools browser postgres
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: tools
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_house.py
	$(BIN)/python -m reports.catalogue --check
	$(BIN)/python -m reports.lifecycle --check
	$(BIN)/python -m reports.checks --check

docs: setup
	$(BIN)/python -m reports.catalogue
	$(BIN)/python -m reports.lifecycle
	$(BIN)/python -m reports.checks

format: tools
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: tools
	$(BIN)/python -m benchmarks.run

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .hypothesis
