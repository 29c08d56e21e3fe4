# Needs Python 3.11 or newer and make; leaves everything inside this folder.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: help run setup test lint check lock bench clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.installed ## Install, migrate, make demo data on the first start, serve
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py collectstatic --noinput --verbosity 0
	@$(PY) manage.py demo --first-start
	@exec $(PY) manage.py serve

setup: $(VENV)/.installed-dev ## Install everything that development needs

test: $(VENV)/.installed-dev ## Lint, types, checks and the whole suite
	$(MAKE) --no-print-directory check
	$(PY) -m pytest $(PYTEST_ARGS)

check: $(VENV)/.installed-dev lint ## Types, Django's checks, missing migrations
	$(PY) -m mypy
	$(PY) manage.py check --fail-level WARNING
	$(PY) manage.py makemigrations --check --dry-run

lint: $(VENV)/.installed-dev ## Style
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

lock: $(VENV)/.installed-dev ## Renew the lock files from pyproject.toml
	$(PY) -m pip install --quiet uv
	$(VENV)/bin/uv pip compile pyproject.toml $(LOCK_FLAGS) --output-file requirements.txt
	$(VENV)/bin/uv pip compile pyproject.toml --group dev --all-extras $(LOCK_FLAGS) --output-file requirements-dev.txt

LOCK_FLAGS := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade

bench: $(VENV)/.installed-dev ## List the benchmarks
	@echo "$(PY) -m prompts.engines.studio.bench   time and memory of the Studio engine, per stage"
	@echo "$(PY) -m tests.bench_live               from a change to its event; idle workers"
	@echo "$(PY) -m tests.bench_gateway_lists      lists of the gateway, 100,000 prompts deep"
	@echo "$(PY) -m tests.bench_first_picture      from the click to the picture on the page"
	@echo "$(PY) -m tests.bench_gallery            the gallery with 1,000 and with 100,000 pictures"
	@echo "$(PY) -m tests.bench_queue              the line of prompts: ask, claim, places; 100,000 done"
	@echo "$(PY) -m tests.bench_usage              limits and the page of usage, 100,000 runs"
	@echo "$(PY) -m tests.bench_zip                a zip of 200 originals: time and memory"
	@echo "$(PY) -m tests.bench_callbacks          callbacks a second; from a callback to the page"
	@echo "$(PY) -m tests.bench_campaign           team headshots with 20 and with 500 members"
	@echo "$(PY) -m tests.bench_gateway            calls of the API a second; mutated bodies"

clean: ## Remove the environment and caches, never var/
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Astria Web needs Python 3.11 or newer." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Astria Web needs Python 3.11 or newer; $(PYTHON) is older." >&2; exit 1; }
	@"$(PYTHON)" -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing what Astria Web needs (once)…"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(VENV)/bin/python
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/.installed
