# Needs python3 (3.11 or newer), pip, git and make; everything else is installed into .venv, once.
# `make help` lists what there is.

PYTHON ?= python3
PROFILE ?= default
PORT ?= 8000

# The stamp says that .venv holds what requirements.lock asks for.
STAMP := .venv/.ready
IN_VENV := PATH="$(CURDIR)/.venv/bin:$$PATH"
PIP := "$(PYTHON)" -m pip --disable-pip-version-check --python .venv/bin/python install

.DEFAULT_GOAL := help
.PHONY: help setup repro report pdf serve test lab verify lint lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile
	@echo "  PROFILE=smoke (minutes) | default | full (a GPU) with repro, report and pdf; PYTHON=python3.12 to choose another"

setup: $(STAMP) ## build the environment in .venv

repro: $(STAMP) ## run the study: what is up to date is not run again
	@$(IN_VENV) animestudy repro --profile "$(PROFILE)"

report: $(STAMP) ## render the report and say where it is
	@$(IN_VENV) animestudy report --profile "$(PROFILE)"

pdf: $(STAMP) ## the report as a PDF (needs Chromium)
	@$(IN_VENV) animestudy report --pdf --profile "$(PROFILE)"

serve: $(STAMP) ## a page on which pictures and clips become drawings (PORT=8000)
	@$(IN_VENV) animestudy serve --port "$(PORT)"

test: $(STAMP) ## run the tests, on all cores
	@$(IN_VENV) python -m pytest -n auto --dist loadfile

lab: $(STAMP) ## open the notebooks in JupyterLab
	@$(IN_VENV) animestudy lab

verify: $(STAMP) ## run the smoke profile twice, compare every byte, then the headline numbers
	@$(IN_VENV) animestudy verify

lint: $(STAMP) ## check and format the code
	@$(IN_VENV) ruff check . && $(IN_VENV) ruff format --check .

lock: ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile --universal --generate-hashes --no-annotate --no-header --python-version 3.11 \
		--extra dev --extra onnx --extra platform pyproject.toml -o requirements.lock

clean: ## remove the environment and everything that the study built beside its results
	rm -rf .venv build scratch logs

$(STAMP): requirements.lock
	@command -v git > /dev/null || { echo "make: git not found: install it (Debian: git)" >&2; exit 1; }
	@command -v "$(PYTHON)" > /dev/null || { echo "make: $(PYTHON) not found: install Python 3.11 or newer, or name it with PYTHON=…" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $$("$(PYTHON)" --version) is too old: Python 3.11 or newer is needed (name it with PYTHON=…)" >&2; exit 1; }
	@"$(PYTHON)" -m pip --version > /dev/null 2>&1 || { echo "make: $(PYTHON) has no pip: install it (Debian: python3-pip)" >&2; exit 1; }
	@"$(PYTHON)" -c 'import venv' 2> /dev/null || { echo "make: $(PYTHON) has no venv module: install it (Debian: python3-venv)" >&2; exit 1; }
	@echo "make: installing the environment into .venv (once; some minutes, 6.7 GB on disk)"
	@"$(PYTHON)" -m venv --without-pip --clear .venv
	@{ $(PIP) --require-hashes --progress-bar off -r requirements.lock; echo $$? > .venv/.status; } \
		| awk -v all="$$(grep -c '^[a-zA-Z]' requirements.lock)" \
		'/^Collecting/ { printf "\r  fetching %d of %d: %-40.40s", ++n, all, $$2; fflush() } \
		/^Installing/ { printf "\r  unpacking them: a minute or two %30s\n", ""; fflush() }'
	@exit "$$(cat .venv/.status)"
	@$(PIP) --no-deps --no-build-isolation --quiet -e .
	@touch $@
