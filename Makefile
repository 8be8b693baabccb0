# Two commands do everything on a fresh machine: make run, make test.
#   make run SOURCE=../some/folder   your own documents instead of the sample
#   make run ONCE=1                  the same, and stop when the answer is printed

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

# Tests start many processes, which would read each file of Python anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run install test lint campaign bench-peers bench clients schema map pin clean

run: .venv/installed
	@exec $(BIN)/millrace up $(if $(ONCE),--once) $(if $(SOURCE),--source "$(SOURCE)")

install: .venv/installed

test: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not campaign"

lint: .venv/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/mypy

# Slower proofs: whole folders of real files, kills at many places.
campaign: .venv/installed-dev
	$(BIN)/pytest -m campaign --hypothesis-profile campaign

# Measurements beside other tools (benchmarks/README.md); those live in an environment of their own, about 600 MB.
bench-peers:
	$(PYTHON) -m venv benchmarks/.peers
	benchmarks/.peers/bin/pip install --quiet --disable-pip-version-check -r benchmarks/peers.txt

bench: .venv/installed
	$(BIN)/python -m benchmarks.ingest $(CORPUS)
	$(BIN)/python -m benchmarks.edits $(CORPUS)

# LangChain's and LlamaIndex's OpenAI clients, in an environment of their own; benchmarks/clients.py asks a running server.
clients:
	$(PYTHON) -m venv benchmarks/.clients
	benchmarks/.clients/bin/pip install --quiet --disable-pip-version-check -r benchmarks/clients.txt

# What is generated from the code: the picture of the schema and the README's map.
schema: .venv/installed-dev
	$(BIN)/python -m tests.architecture.schema

map: .venv/installed-dev
	$(BIN)/python -m tests.architecture.map

# Pin all packages anew from pyproject.toml; the files hold names, versions and hashes, no addresses.
pin:
	uv pip compile -q --no-emit-index-url --no-header --no-annotate --no-strip-extras --generate-hashes --python-version 3.11 pyproject.toml -o requirements.txt
	uv pip compile -q --no-emit-index-url --no-header --no-annotate --no-strip-extras --generate-hashes --python-version 3.11 --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	# pip 23, which Python 3.11 brings, stumbles over an extra that is asked for by two names
	sed -i 's/^lxml\[html-clean\]==/lxml==/' requirements.txt requirements-dev.txt

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing the pinned packages into .venv (1 to 3 minutes the first time) ..."
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

clean:
	rm -rf .venv .millrace
