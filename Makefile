# The everyday commands. What they need beyond Python is made under .venv/ and var/, neither of which is tracked.
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
NEW_ENOUGH := import ensurepip, sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach name,python3.11 python3,$(shell $(name) -c '$(NEW_ENOUGH)' 2>/dev/null && echo $(name))))
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary=:all:
LOCK := .venv/uv/bin/uv pip compile --quiet --python-version 3.11 --python-platform x86_64-unknown-linux-gnu \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml
# Not by file: each process must come to the tests that commit, which leave the database empty, after all others.
PYTEST := $(BIN)/python -m pytest -n 2 --dist load --maxschedchunk 1
# What PostgreSQL does otherwise: locks, threads, search, its own SQL and its speed with many rows.
AT_ONCE := coverage/test_ledger.py delivery/test_outbox.py organisation/test_at_once.py organisation/test_hr_import.py \
	records/test_search.py records/test_together.py records/test_withdrawal.py surveys/test_at_once.py test_database.py test_migrations.py
# What asks nothing of a database that another answers otherwise; the pages' own tests ask both.
SAME_EVERYWHERE := access/test_routes.py courses demo home test_chromium.py test_house.py test_offline.py test_supervisor.py

.PHONY: help
help:  ## show these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: export DEMO = 1
demo: .venv/.runtime  ## start with fictional people and courses, on http://localhost:8000/
	@$(BIN)/python manage.py prepare
	@$(BIN)/python manage.py load_demo
	@exec $(BIN)/python -m learning.supervisor

.PHONY: run
run: .venv/.runtime  ## start with nothing but what is already in var/
	@$(BIN)/python manage.py prepare
	@exec $(BIN)/python -m learning.supervisor

.PHONY: test
test: .venv/.dev  ## run the tests on SQLite, with a browser, and on PostgreSQL those of what is done at once
	@$(BIN)/python -m tests.chromium
	$(PYTEST) -m "not long"
	HYPOTHESIS_PROFILE=few $(BIN)/python -m tests.postgres -- $(PYTEST) $(AT_ONCE:%=tests/%)

.PHONY: proofs
proofs: .venv/.dev  ## run what takes longer: the other ways through the browser, and all that a database answers on PostgreSQL
	@$(BIN)/python -m tests.chromium
	$(PYTEST) -m long
	HYPOTHESIS_PROFILE=few $(BIN)/python -m tests.postgres -- $(PYTEST) -m "not browser" $(SAME_EVERYWHERE:%=--ignore=tests/%)

.PHONY: bench
bench: export DJANGO_SETTINGS_MODULE = learning.settings.test
bench: .venv/.dev  ## measure HR files, pages, lessons, checks, mails and the figures of a country, on PostgreSQL
	@$(BIN)/python -m tests.postgres -- $(BIN)/python -m tests.bench.hr_import
	@$(BIN)/python -m tests.postgres -- $(BIN)/python -m tests.bench.register_pages
	@$(BIN)/python -m tests.postgres -- $(BIN)/python -m tests.bench.head_page
	@$(BIN)/python -m tests.postgres -- $(BIN)/python -m tests.bench.lesson
	@$(BIN)/python -m tests.postgres -- $(BIN)/python -m tests.bench.answer
	@$(BIN)/python -m tests.postgres -- $(BIN)/python -m tests.bench.mails
	@$(BIN)/python -m tests.postgres -- $(BIN)/python -m tests.bench.coverage

.PHONY: faults
faults: .venv/.dev  ## complete MAILS courses (10,000) and send as many mails while all is killed KILLS times (50)
	@$(BIN)/python -m tests.faults.mailing

.PHONY: fuzz
fuzz: export FUZZ_SECONDS ?= 3600
fuzz: .venv/.dev  ## bring random HR files for FUZZ_SECONDS (an hour), and print how many and the peak of memory
	$(BIN)/python -m pytest -q -p no:randomly tests/faults/test_hr_fuzz.py -k long

# Reads only: no cache, no bytecode, no database beyond memory, nothing of the site's own data.
.PHONY: lint
lint: export PYTHONDONTWRITEBYTECODE = 1
lint: export RUFF_NO_CACHE = true
lint: export DJANGO_SETTINGS_MODULE = learning.settings.test
lint: export DATABASE_URL = sqlite://:memory:
lint: export DATA_DIR = $(or $(TMPDIR),/tmp)
lint: .venv/.dev  ## check style, templates, imports and migrations
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/djlint --lint --quiet templates
	@find templates -name '*.html' -exec $(BIN)/djade --check {} +
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --fail-level WARNING

.PHONY: lock
lock: .venv/.uv  ## recompile both lock files from pyproject.toml
	$(LOCK) --output-file requirements.txt
	$(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt

# A stamp tells which lock the virtualenv was last filled from.
.venv/.runtime: requirements.txt | $(BIN)/pip
	@echo "Installing the packages of $< ..."
	@$(INSTALL) -r $<
	@touch $@

.venv/.dev: requirements-dev.txt | $(BIN)/pip
	@echo "Installing the packages of $< ..."
	@$(INSTALL) -r $<
	@touch $@ .venv/.runtime

.venv/.uv: | $(BIN)/pip
	@$(BIN)/python -m venv .venv/uv
	@.venv/uv/bin/pip install --quiet --disable-pip-version-check uv
	@touch $@

$(BIN)/pip:
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(NEW_ENOUGH)' || { echo "Python 3.11 or newer with its venv module is missing: install it (Debian: apt install python3.11-venv)." >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv
