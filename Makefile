# Everything that a person does with this project starts here: `make help`.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LIBVIRT := $(VENV)/.libvirt
UNIT := tests/unit tests/viewer tests/fuzz $(wildcard tests/test_*.py)
PARALLEL := -n auto --dist worksteal
# Unit tests write a thousand small databases, each to the disk and back: in memory if there is room.
MEMORY := $(shell df --output=avail /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 > 500000 { print "TMPDIR=/dev/shm" }')
VIEWER := $(shell find static/novnc -path '*/node_modules' -prune -o -type f -print 2>/dev/null)

# Images of containers often forbid it, and then each of the many processes compiles all modules anew.
unexport PYTHONDONTWRITEBYTECODE

# `test` relies on the order of its prerequisites.
.NOTPARALLEL:

.PHONY: help install demo test test-unit test-integration test-browser fuzz bench bench-relay bench-first-frame bench-packages simulate lint fmt wheel deb packages clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## make .venv with the package, its development extras and the viewer

$(STAMP): pyproject.toml $(VIEWER)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; set PYTHON=, e.g. make PYTHON=python3.12"; exit 1; }
	@# Where Debian's python3-venv is missing, or Ctrl-C came, half an environment is left: without pip.
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# Not part of `install`: it is compiled against libvirt-dev.
$(LIBVIRT): $(STAMP)
	@tests/packages.sh
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[libvirt]'
	@touch $@

demo: install ## management server, proxy and one guest; Ctrl-C ends it all
	@exec $(BIN)/consoleproxy demo $(ARGS)

test: packages install $(LIBVIRT) lint ## set up all that the tests need, lint, run all tests
	$(MEMORY) $(BIN)/python -bb -m pytest $(PARALLEL) $(UNIT) $(ARGS)
	$(BIN)/python -bb -m pytest tests/integration tests/browser $(ARGS)

test-unit: install ## the tests that need no server, no database, no process and no browser
	$(MEMORY) $(BIN)/python -bb -m pytest $(PARALLEL) --hypothesis-profile=quick -m 'not server' $(UNIT) $(ARGS)

test-integration: install $(LIBVIRT) ## the tests on real servers: QEMU, balancers, databases and others
	$(BIN)/python -bb -m pytest tests/integration $(ARGS)

test-browser: install ## the tests in real Chromium
	$(BIN)/python -bb -m pytest tests/browser $(ARGS)

fuzz: install ## any bytes into the login parsers, any traffic through the relay, many thousand times
	$(BIN)/python -bb -m pytest tests/fuzz --hypothesis-profile=fuzz --timeout=0 $(ARGS)

bench: bench-relay bench-first-frame ## all measurements beside peers in the same run; docs/PERFORMANCE.md

bench-relay: bench-packages ## what the relay costs beside websockify, HAProxy and others: medians and ratios
	$(BIN)/python -m benchmarks $(ARGS)

bench-first-frame: bench-packages ## from the click to the first pixel, 50 ms away, beside noVNC's page
	$(BIN)/python -m benchmarks.first_frame

simulate: bench-packages ## a day of 1,000 proxies by the code that assigns consoles; docs/SCALING.md
	$(BIN)/python -m benchmarks.fleet $(ARGS)

bench-packages: packages install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'

lint: install ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: install ## format, and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

wheel: install ## build dist/*.whl, with the viewer in it
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

# The wheel that was made last, as there may be others of other versions.
deb: wheel ## build dist/*.deb, for a CloudStack system VM; DEB_ARCH=arm64 for the other kind
	PYTHON=$(CURDIR)/$(BIN)/python deploy/debian/build.sh "$$(ls -t dist/*.whl | head -1)" dist

packages: ## install the Debian packages that the tests need
	@tests/packages.sh

clean: ## remove what was built
	rm -rf $(VENV) dist build consoleproxy/front/novnc static/novnc/node_modules tests/output
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
