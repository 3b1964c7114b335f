# Everything is installed into .venv and built into _build; nothing else is touched.
SHELL := bash
PYTHON ?= python3
WORKERS ?= 2
PORT ?= 8000
EDITIONS ?= en zh
CONSTRAINTS ?= -c constraints.txt

BIN := .venv/bin
LOG := _build/log
EDITION := PYTHONPATH=src $(BIN)/python tools/edition.py
NOTEBOOK := ALLYOUNEED_STRICT=1 ALLYOUNEED_STATIC=1 PYTHONHASHSEED=0
PYTEST := $(BIN)/python -m pytest
# Several processes share the cores: one thread each, and none that waits by spinning.
export OMP_NUM_THREADS ?= 1
export OMP_WAIT_POLICY ?= passive

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help book zh zh-check zh-diff zh-stamp zh-later zh-new zh-notebooks serve test lint types library notebooks site browser chapter sources record records attack address format clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book: .venv/.book ## Build the site from the stored notebooks (no torch needed; EDITIONS=en for one edition)
	@rm -rf _build/html _build/.doctrees  # a page that is gone must not linger
	$(if $(filter en,$(EDITIONS)),$(BIN)/jupyter-book build . -W --keep-going -n -q)
	$(if $(filter zh,$(EDITIONS)),@$(MAKE) --no-print-directory zh)
	@echo
	@echo "The book is in _build/html/index.html: open it in a browser, or run 'make serve'."

zh: .venv/.book ## Weave and build the Chinese edition into _build/html/zh
	$(EDITION) weave
	$(BIN)/jupyter-book build _build/zh -W --keep-going -n -q
	@mkdir -p _build/html && rm -rf _build/html/zh
	mv _build/zh/_build/html _build/html/zh

zh-notebooks: .venv/.book ## Weave the translated chapters into _build/notebooks, for Colab
	$(EDITION) notebooks

zh-check: .venv/.book ## What is missing or wrong in the Chinese edition (DAYS=30: or owed for longer)
	$(EDITION) check $(if $(DAYS),--days $(DAYS))

zh-diff: .venv/.book ## What changed in English since it was translated: make zh-diff N=06
	@$(EDITION) diff $(N)

zh-stamp: .venv/.book ## Say that cells are translated as they stand: make zh-stamp N=06 CELL=be121f2d
	$(EDITION) stamp $(N) $(CELL)

zh-later: .venv/.book ## Owe a translation: readers are told, the check is green: make zh-later N=06
	$(EDITION) later $(N)

zh-new: .venv/.book ## Begin a chapter: its cells to write over, its outputs' sentences: make zh-new N=07
	$(EDITION) new $(N)

serve: ## Show the built site at http://localhost:8000 (PORT=8000)
	@test -f _build/html/index.html || { echo "There is no site yet: run 'make book' first." >&2; exit 1; }
	$(PYTHON) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

test: .venv/.all browser lint types library notebooks book site ## Set up and test everything
	@tail -qn 1 $(LOG)/library.log $(LOG)/notebooks.log $(LOG)/site.log

lint: .venv/.all ## Style of code, notebooks and prose
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell
	$(BIN)/python tools/check_notebooks.py --text | $(BIN)/codespell -
	$(BIN)/python tools/check_notebooks.py
	$(BIN)/python tools/address.py --check
	$(EDITION) check

types: .venv/.all
	$(BIN)/mypy

library: .venv/.all ## The library's tests and docstring examples
	@mkdir -p $(LOG)
	set -o pipefail; $(PYTEST) -n $(WORKERS) --ignore=tests/site | tee $(LOG)/library.log

notebooks: .venv/.all ## Run every chapter and compare with its stored outputs
	@mkdir -p $(LOG)
	set -o pipefail; $(NOTEBOOK) $(PYTEST) -n $(WORKERS) --dist loadfile --nbval \
	  --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg chapters | tee $(LOG)/notebooks.log
	$(BIN)/python tools/check_notebooks.py --log $(LOG)/notebooks.log

site: .venv/.all browser book ## Test the built site in a real browser
	@mkdir -p $(LOG)
	set -o pipefail; $(PYTEST) -n $(WORKERS) --dist loadscope tests/site | tee $(LOG)/site.log

browser:
	@tools/browser.sh

chapter: .venv/.all ## Run one chapter and store its outputs: make chapter N=05
	$(NOTEBOOK) $(BIN)/python tools/chapter.py $(N)
	$(BIN)/python tools/sources.py

sources: .venv/.all ## Write at each chapter's end where the things lie that it imports
	$(BIN)/python tools/sources.py

record: .venv/.all ## Work off recordings.toml, for hours, at the lowest priority
	$(BIN)/python tools/record.py

records: .venv/.all ## What is recorded, what is missing, what has changed since
	@$(BIN)/python tools/record.py --list

attack: .venv/.all ## Run every chapter with all its seeds shifted, and record its cards
	$(BIN)/python tools/attack.py

address: .venv/.book ## Write the repository's address everywhere: make address SET=https://github.com/OWNER/NAME
	$(BIN)/python tools/address.py $(if $(SET),--set $(SET))

format: .venv/.all ## Put code and notebooks into the common format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## Remove the built site, keep .venv
	rm -rf _build _autoapi

.venv/.made:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "The book needs Python 3.11 or newer with its venv module, and '$(PYTHON)' is not that." \
	  "Install one (Debian, Ubuntu: apt install python3-venv) or name one: make book PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/.book: requirements-book.txt constraints.txt | .venv/.made
	@echo "Installing what the site needs into .venv (about 50 MB, once)"
	$(BIN)/python -m pip install -q -r requirements-book.txt $(CONSTRAINTS)
	@touch $@

.venv/.all: requirements.txt requirements-book.txt pyproject.toml constraints.txt | .venv/.made
	@echo "Installing everything the book uses into .venv (torch too, once)"
	$(BIN)/python -m pip install -q -r requirements.txt -e . $(CONSTRAINTS)
	$(BIN)/python -c "import matplotlib.font_manager"
	@touch .venv/.book $@
