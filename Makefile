# Set-up from nothing: Python 3.11 or newer and make are enough. `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
DATA ?=
# Tests wait as often as they compute: three side by side keep two processors busy.
JOBS ?= 3

.PHONY: help demo test lint bench faults client docs audit lock clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.installed ## try everything on this machine (PORT=8000, FRESH=1 starts over)
	@PORT=$(PORT) $(BIN)/sunline demo $(if $(FRESH),--fresh)

test: $(VENV)/.installed-dev ## lint, types, and every test on SQLite, PostgreSQL and in a browser
	@bash tools/ensure_test_tools.sh
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

lint: $(VENV)/.installed-dev ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.installed-dev ## measure, beside yardsticks of the same run (DATA=folder of labelled questions)
	$(BIN)/python -m tests.bench $(if $(DATA),--data $(DATA))

faults: $(VENV)/.installed-dev ## kill, stop and confuse it (FULL=1: at full size, figures into docs/figures.md)
	FULL=$(FULL) $(BIN)/python -m pytest tests/faults
	$(if $(FULL),$(BIN)/python -m tests.faults.report)

client: $(VENV)/.installed-dev ## write build/sunline_client.py, a typed client of this version's API
	@SUNLINE_SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(48))') $(BIN)/python -m tools.make_client
	@echo build/sunline_client.py

docs: $(VENV)/.installed-dev ## build the documentation as a site into build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

audit: $(VENV)/.installed-dev ## compare the locked libraries with the public list of known holes (IF_REACHABLE=1: pass without a network)
	@$(BIN)/python -m tools.audit $(if $(IF_REACHABLE),--if-reachable)

lock: ## write the lock files anew from pyproject.toml (needs uv)
	uv pip compile --quiet --no-header --generate-hashes --no-annotate --universal --python-version 3.11 pyproject.toml -o requirements.lock
	uv pip compile --quiet --no-header --generate-hashes --no-annotate --universal --python-version 3.11 --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove what was made here (the demo's data stay)
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
