# run: set up and start the service on the shipped samples.
# test: set up and run all tests, on SQLite and then on PostgreSQL (-j2: at once); test-sqlite, test-postgresql: on one.
# check: formatting, lint, types, layers, tests.              bench: figures, as ratios from one run.
# lock: pin again after a change of pyproject.toml.           clean: remove what set-up made.
# kills: a cold collection, killed at a hundred random moments (the tests kill it ten times).
# cluster: PostgreSQL, a broker, two workers and two servers on the samples, until Ctrl-C; FEEDS=2000: on so many generated
# feeds, with everything counted; BROKER=rabbitmq: by RabbitMQ, not Redis.
# faults: what tests/FAULTS.md lists, in its long form, each with its counts.
# simulate: how often a month of 10,000 made-up sources is asked, and how soon their reviews are found.

PYTHON ?= python3
RUN := .venv/bin
BROKER ?= redis
FEEDS ?= 0
PIP := $(RUN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test test-sqlite test-postgresql lint check bench kills faults simulate cluster million lock clean setup setup-dev

run: setup
	$(RUN)/feedsvc run

test: test-sqlite test-postgresql

test-sqlite: setup-dev
	FEEDSVC_TEST_DATABASE=sqlite $(RUN)/pytest

# What keeps something in a database. The server is started by the tests, in a temporary folder: Debian's, else that of a
# wheel; FEEDSVC_TEST_DATABASE_URL names another.
test-postgresql: setup-dev
	FEEDSVC_TEST_DATABASE=postgresql $(RUN)/pytest

lint: setup-dev
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

check: lint test

kills: setup-dev
	FEEDSVC_KILLS=50 $(RUN)/pytest tests/test_collect_kills.py

# Processes, databases and brokers end at random moments: tests/FAULTS.md says what must hold after.
faults: setup-dev
	FEEDSVC_TEST_DATABASE=postgresql FEEDSVC_DATABASE_FAULTS=20 FEEDSVC_GONE=60 FEEDSVC_KILLS=20 \
		FEEDSVC_FAULTS=50/20/20/20 $(RUN)/pytest -s tests/test_faults_database.py tests/test_faults_fleet.py \
		tests/test_store_concurrency.py tests/test_store_faults.py tests/test_electing.py tests/test_notices.py \
		tests/test_collect_kills.py
	FEEDSVC_TEST_DATABASE=sqlite FEEDSVC_KILLS=20 $(RUN)/pytest -s tests/test_store_faults.py tests/test_collect_kills.py

simulate: setup
	$(RUN)/python -m bench.cadence

# It needs Debian's postgresql, and redis-server or rabbitmq-server; none of them has to run.
cluster: setup-dev
	$(RUN)/python -m bench.cluster --broker $(BROKER) --feeds $(FEEDS)

# A claim, a feed and a search at a million sources: needs PostgreSQL, 20 GB of disk and the better part of an hour.
million: setup-dev
	$(RUN)/python -m bench.million
	$(RUN)/python -m bench.moving

# Every figure of the README's "Figures"; Linux alone, with wrk, nginx, and Debian's postgresql and redis-server.
bench: setup-dev
	$(RUN)/python -m bench.collecting --all
	$(RUN)/python -m bench.rendition
	$(RUN)/python -m bench.bytes_saved
	$(RUN)/python -m bench.serving
	$(RUN)/python -m bench.search
	$(RUN)/python -m bench.understanding
	$(RUN)/python -m bench.copies
	$(RUN)/python -m bench.fleet

setup: .venv/ready
setup-dev: .venv/ready-dev

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "feedsvc needs Python 3.11 or newer; name one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.txt
	$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

# What the scale-out needs beside: PostgreSQL's driver and the queue.
.venv/ready-scale: .venv/ready requirements-scale.txt
	$(PIP) install --require-hashes -r requirements-scale.txt
	@touch $@

# Hashes for every platform and Python from 3.11 on; uv is needed only here.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--extra dev --extra scale pyproject.toml -o requirements-dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--extra build -c requirements-dev.txt pyproject.toml -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--extra build --extra scale -c requirements-dev.txt pyproject.toml -o requirements-scale.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis tests/feedsmith/node_modules tests/flask_websub/.site
