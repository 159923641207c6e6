# `make report` and `make test` do everything on a machine with Python 3.11+, venv, pip and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
REPORTS := reports
WORKERS ?= auto

.PHONY: report test test-long bench experiments campaign tutorial lint types clean

report: $(STAMP)
	$(BIN)/python -m entropy_proofs.reporting $(if $(QUICK),--quick) $(REPORTS)

test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

test-long: $(STAMP)
	ENTROPY_PROOFS_TESTS=long $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

bench: $(STAMP)
	$(BIN)/python -m benchmarks $(REPORTS)

experiments: $(STAMP)
	$(BIN)/python -m experiments $(REPORTS)

campaign: $(STAMP)
	$(BIN)/python -m campaign $(REPORTS) $(CAMPAIGN)

tutorial: $(STAMP)
	$(BIN)/python -m docs

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
