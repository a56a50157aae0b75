# Every command a person types, and the same ones that continuous integration runs.
PYTHON ?= python3
VENV   := .venv
LOWEST := .venv-lowest
SPARK  := .venv-spark
BIN    := $(VENV)/bin
STUDY  ?= examples/tv-maker/study.toml
JOB    ?=
SERVED ?=
WORLDS ?= 334
LARGE  ?= 20
FOR    ?= linux
EXTRAS := --extra report --extra gravity --extra serve --extra mcp
PIP    := $(BIN)/python -m pip --disable-pip-version-check -q
# Where bytecode may not be kept, every process of the tests compiles all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo serve test proof cluster quick pytest test-lowest check coverage overdue bench planted known fuzz studies kills flips mutants starter docs gallery lock clean compare-law release cut wheelhouse platforms journeys soak

help:
	@echo "make demo     run the example study and say where its report is"
	@echo "make serve    the workbench in a browser (SERVED=examples/tv-maker for a study)"
	@echo "make test     run every check, and all tests but those of make proof"
	@echo "make proof    the tests in a browser, of the packages, the site, the tutorials, random worlds and broken files"
	@echo "make cluster  questions to a cluster of Spark on this machine, beside the answers without (needs Java)"
	@echo "make quick    the tests that take a moment, while you change code"
	@echo "make test-lowest  the quick tests with the lowest versions that pyproject.toml states"
	@echo "make setup    only set up $(BIN)/offing"
	@echo "make check    formatting, types, import contracts, dependencies"
	@echo "make coverage how much of China's exports has a landed cost, and a duty nobody types"
	@echo "make overdue  rule files with rules past their look, by the trade they touch (ON=2027-12-31 for a day)"
	@echo "make compare-law  our law beside open encodings of others (ENCODINGS=FOLDER has their copies)"
	@echo "make fuzz     20,000 broken inputs for every reader (SEED=1 COUNT=20000)"
	@echo "make studies  60 random studies on random data (SEED=1 COUNT=60)"
	@echo "make kills    300 killed loads and 50 killed runs (SEED=1)"
	@echo "make flips    500 flipped bits in stored parts, 500 in the catalogue (SEED=1 COUNT=500)"
	@echo "make mutants  200 changes of the code that the tests must notice (SEED=1 COUNT=200)"
	@echo "make journeys  journeys and ten own files through the workbench in Chromium, with pictures (PICTURES=folder)"
	@echo "make soak     many requests to the workbench, its memory watched (SEED=1 COUNT=100000)"
	@echo "make bench    benchmarks beside their peers (JOB=ingest for one)"
	@echo "make planted  plans in worlds whose truth is known, beside an oracle (WORLDS=50 of each generator)"
	@echo "make known    decisions of earlier years, replayed with the data and law of their day"
	@echo "make cut      the next version: CHANGELOG and version numbers (VERSION=0.2.0)"
	@echo "make release  wheel, source archive, checksums and notes of the last commit, into dist/"
	@echo "make wheelhouse  a folder that installs without a network, and its check (FOR=windows)"
	@echo "make platforms  does every pinned dependency come as a wheel? into docs/record/"
	@echo "make starter  rebuild the starter world and the usual prices from ../shared/data"
	@echo "make docs     build the documentation into site/, in English and Chinese"
	@echo "make gallery  make the pictures of the documentation from real runs"

$(VENV)/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "offing needs Python 3.11 or newer; set PYTHON=..."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "install python3-venv first"; exit 2; }
	@echo "Setting up $(VENV) (about a minute, once) ..."
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	@echo "Setting up what the tests need ..."
	@$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/.bench: requirements/bench.txt $(VENV)/.test
	@$(PIP) install --require-hashes -r requirements/bench.txt
	@touch $@

$(VENV)/.docs: requirements/docs.txt $(VENV)/.run
	@$(PIP) install --require-hashes -r requirements/docs.txt
	@touch $@

setup: $(VENV)/.run

serve: setup
	@$(BIN)/offing serve $(SERVED)

demo: setup
	@$(BIN)/offing run $(STUDY)

# For who changes code: what takes a moment. Before a commit that others get, make test.
quick: $(VENV)/.test
	@$(BIN)/pytest -q -n auto --dist loadfile -m "not slow and not long"

# Side by side: the type check is one process, the tests are as many as there are cores.
test: $(VENV)/.test
	@$(MAKE) --no-print-directory -j 2 check pytest

pytest: $(VENV)/.test
	@$(BIN)/pytest -q -n auto --dist loadfile -m "not proof and not cluster"

proof: $(VENV)/.test $(VENV)/.docs
	@$(BIN)/pytest -q -n auto --dist loadfile -m proof

# Spark lies beside the environment of the tests, so that no other test finds it.
$(SPARK)/.test: $(VENV)/.test
	@echo "Setting up $(SPARK) ..."
	@$(PIP) install --target $(SPARK) --upgrade "pyspark>=4,<5" grpcio-status zstandard
	@touch $@

ifeq ($(shell command -v java),)
cluster:
	@echo "make cluster needs Java 17 or newer: the tests of a cluster are skipped"
else
cluster: $(SPARK)/.test
	@PYTHONPATH=$(CURDIR)/$(SPARK) $(BIN)/pytest -q -n 2 --dist loadfile -m cluster tests/cluster
endif

$(LOWEST)/.test: pyproject.toml
	@test -x $(LOWEST)/bin/python || $(PYTHON) -m venv $(LOWEST)
	@echo "Setting up $(LOWEST) with the lowest versions stated ..."
	@$(LOWEST)/bin/python -m pip --disable-pip-version-check -q install uv
	@$(LOWEST)/bin/uv pip install -q --python $(LOWEST)/bin/python --resolution lowest-direct --upgrade \
	  -r pyproject.toml $(EXTRAS) --group build --group test
	@$(LOWEST)/bin/uv pip install -q --python $(LOWEST)/bin/python --no-deps --no-build-isolation -e .
	@touch $@

# What runs with the lowest versions is the code; texts are the same with any. Left out are pages,
# messages, the shape of the house, decrees and papers worked by hand in bulk, and of each test's
# rows those between the first and the last: other figures, but the same calls of a package.
TEXTS := docs test_docs.py test_messages.py contracts/test_house.py \
  contracts/test_left_out.py contracts/test_sql.py contracts/test_stated_figures.py \
  contracts/test_regimes.py contracts/test_named_files.py contracts/test_web_sums.py
test-lowest: $(LOWEST)/.test
	@NUMBA_OPT=1 NUMBA_CACHE_DIR=$(CURDIR)/$(LOWEST)/numba $(LOWEST)/bin/python -m pytest -q -n auto --dist loadfile \
	  -m "not slow and not long and not locked and not between" $(TEXTS:%=--ignore tests/%)

check: $(VENV)/.test
	@$(BIN)/ruff format --check src tests benchmarks tools
	@$(BIN)/ruff check src tests benchmarks tools
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/deptry src

coverage: $(VENV)/.run
	@$(BIN)/python -m tools.coverage ../shared/data

overdue: $(VENV)/.run
	@$(BIN)/python -m tools.overdue $(ON)

compare-law: $(VENV)/.run
	@$(BIN)/python -m tools.compare_law $(or $(ENCODINGS),../encodings)

fuzz: $(VENV)/.run
	@$(BIN)/python -m tools.fuzz $(or $(SEED),1) $(or $(COUNT),20000)
	@$(BIN)/python -m tools.hostile_workbooks $(or $(SEED),1)

studies: $(VENV)/.run
	@OFFING_CACHE= $(BIN)/python -W error::RuntimeWarning -m tools.random_studies --seed $(or $(SEED),1) --count $(or $(COUNT),60)

kills: $(VENV)/.run
	@$(BIN)/python -m tools.kills $(or $(SEED),1)

flips: $(VENV)/.run
	@$(BIN)/python -m tools.flips $(or $(SEED),1) $(or $(COUNT),500)

mutants: $(VENV)/.test
	@$(BIN)/python -m tools.mutants $(or $(SEED),1) $(or $(COUNT),200)

bench: $(VENV)/.bench
	@$(BIN)/python -m benchmarks $(JOB)

journeys: $(VENV)/.test
	@OFFING_JOURNEYS="$(or $(PICTURES),$(abspath ../journeys))" $(BIN)/pytest -q tests/web/test_journeys.py tests/web/test_ten_firms.py tests/web/test_in_chromium.py

soak: $(VENV)/.bench
	@$(BIN)/python -m tools.soak $(or $(COUNT),100000) $(or $(SEED),1) docs/record/workbench-soak.json

planted: $(VENV)/.test
	@$(BIN)/python -m tools.planted_worlds --worlds $(WORLDS) --large $(LARGE) --ledgers 1000 \
	  --commit "$$(git rev-parse --short HEAD)" --out docs/record/planted-worlds.json

known: $(VENV)/.test
	@$(BIN)/python -m tools.known_decisions ../shared/data --out docs/record/known-decisions.json

starter: $(VENV)/.test
	@$(BIN)/python -m tools.make_starter ../shared/data
	@$(BIN)/python -m tools.make_workwear ../shared/data
	@$(BIN)/python -m tools.usual_prices ../shared/data

cut: $(VENV)/.run
	@$(BIN)/python -m tools.release cut $(VERSION)

release: $(VENV)/.run
	@$(BIN)/python -m tools.release build

$(VENV)/.uv: $(VENV)/.run
	@$(PIP) install uv
	@touch $@

wheelhouse: $(VENV)/.uv
	@$(BIN)/python -m tools.wheelhouse make dist/offing-$(FOR) --platform $(FOR)
	@if [ $(FOR) = linux ]; then $(BIN)/python -m tools.wheelhouse check dist/offing-$(FOR); fi

platforms: $(VENV)/.uv
	@$(BIN)/python -m tools.platforms

docs: $(VENV)/.docs
	@$(BIN)/python -m tools.docs_site

gallery: $(VENV)/.run
	@$(BIN)/python -m tools.gallery

lock:
	@for what in run test bench docs; do \
	  case $$what in run) args="$(EXTRAS) --group build";; *) args="$(EXTRAS) --group build --group test --group $$what";; esac; \
	  uv pip compile -q pyproject.toml $$args --universal --fork-strategy fewest --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements/$$what.txt; \
	done

clean:
	@rm -rf $(VENV) $(LOWEST) $(SPARK) out site build dist
