# demo, test, lint and bench set up what they need by themselves, from a fresh clone with Python >= 3.11, git and make.

# The first Python that is new enough: python3 may be an older one.
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
ifeq ($(PYTHON),)
$(error no Python >= 3.11 was found; put one on PATH)
endif

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
export UV_PYTHON_DOWNLOADS := never
# What the user has set up for other uses of lambdapack must not reach the demo or the tests.
unexport LAMBDAPACK_EMULATOR AWS_PROFILE AWS_ENDPOINT_URL

.PHONY: help demo test lint format bench agreement fuzz clean
help:
	@echo "make demo    build fixtures/hello and publish it, in the emulator"
	@echo "make test    run the tests on every CPython >= 3.11 of this machine"
	@echo "make lint    ruff and mypy"
	@echo "make bench   sizes and times, paired with other tools"
	@echo "make fuzz    random patterns, hostile packages, broken answers, small machines, other compressors: long runs"
	@echo "make agreement   packages of wheels compared with what uv installs, imported, and built elsewhere"

# Tests, lint and bench share one environment; the others, one for each interpreter, are in .venvs.
$(VENV)/installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) pip install --quiet --python $(BIN)/python --editable . --group test --group lint
	@touch $@

# Again and again: the second run uploads nothing; change fixtures/hello/src/app.py, and the third publishes version 2.
demo: $(VENV)/installed
	@mkdir -p fixtures/hello/dist
	cd fixtures/hello && ../../$(BIN)/lambdapack build
	cd fixtures/hello && ../../$(BIN)/lambdapack --emulator ../../.cache/demo \
		push hello --zip dist/hello.zip --create --publish --alias live

# Each environment is made anew where pyproject.toml has changed; `make test PYTEST=tests/packing` runs a part.
PYTEST ?=
test: $(VENV)/installed
	@set -e; $(PYTHON) tests/interpreters.py | while read -r python; do \
		version=$$($$python -c 'import platform; print(platform.python_version())'); \
		environment=.venvs/$$version; \
		if [ ! -e $$environment/installed ] || [ pyproject.toml -nt $$environment/installed ]; then \
			$(UV) venv --quiet --clear --python $$python $$environment; \
			$(UV) pip install --quiet --python $$environment/bin/python --editable . --group test; \
			touch $$environment/installed; \
		fi; \
		echo "== CPython $$version"; \
		$$environment/bin/python -m pytest --quiet -n 2 $(PYTEST) </dev/null; \
	done

lint: $(VENV)/installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/installed
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Measured as users have it: installed, without the tools of development.
bench: $(VENV)/installed
	$(UV) venv --quiet --clear --python $(BIN)/python .venvs/bench
	$(UV) pip install --quiet --compile-bytecode --python .venvs/bench/bin/python .
	PATH="$(CURDIR)/$(BIN):$$PATH" .venvs/bench/bin/python tests/bench.py

# About 2 GB of wheels, once; `make agreement PART="one-sha"`, `make agreement PART="agreement numpy flask"`.
PART ?=
agreement: $(VENV)/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.agreement $(PART)

# Random and hostile inputs, for half an hour; `make fuzz PART=patterns` runs a part.
fuzz: $(VENV)/installed
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.fuzz $(PART)

clean:
	rm -rf $(VENV) .venvs .cache build dist fixtures/*/dist
