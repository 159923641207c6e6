# `make report` and `make test` do everything on a machine with Python 3.11+, venv, pip and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
REPORTS := reports
SITE := build/site
ATLAS := docs/atlas
WORKERS ?= auto

.PHONY: report test test-end-to-end test-long bench experiments campaign tutorial docs atlas site lint types clean

report: $(STAMP)
	$(BIN)/python -m entropy_proofs.reporting $(if $(QUICK),--quick) $(REPORTS)

TEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

test: $(STAMP)
	$(TEST) -m "not end_to_end"

# As users meet it: fresh processes and environments, the manual's pages, the site in a browser.
test-end-to-end: $(STAMP)
	$(TEST) -m end_to_end

# All of both, on more models and inputs.
test-long: $(STAMP)
	ENTROPY_PROOFS_TESTS=long $(TEST)

bench: $(STAMP)
	$(BIN)/python -m benchmarks $(REPORTS)

experiments: $(STAMP)
	$(BIN)/python -m experiments $(REPORTS)

campaign: $(STAMP)
	$(BIN)/python -m campaign $(REPORTS) $(CAMPAIGN)

tutorial: $(STAMP)
	$(BIN)/python -m docs

# The manual; with what `make atlas` wrote, where it did. Every page is checked.
docs: $(STAMP)
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --jobs auto --doctree-dir build/doctrees docs $(SITE)
	$(BIN)/python -m docs.site $(SITE)

atlas: $(STAMP)
	$(BIN)/python -m entropy_proofs.atlas $(ATLAS)
	$(MAKE) docs

# One folder that any static host serves: the manual and the atlas.
site: atlas
	@echo "$(SITE)/index.html"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

clean:
	rm -rf $(VENV) $(ATLAS) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,docs]'
	touch $@
