# The commands of this project. Each prepares what it needs; as root that includes Debian packages.
VENV := .venv
PYTHON := $(VENV)/bin/python
SHELL := /bin/bash
# Images of Python set it, and then every start of the program compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE

PARALLEL := -n auto --maxprocesses 8

.PHONY: setup lock check unit covered derived test test-all apart test-newest test-oldest test-live faults mutations demo worlds bench strategies soak clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml tools/setup.sh tools/requirements.txt
	tools/setup.sh $(VENV)
	touch $@

# The newest of everything that pyproject.toml allows, with hashes, for every Python from 3.10 on.
lock: setup
	$(VENV)/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.10 --generate-hashes --upgrade \
	    --quiet --no-annotate --custom-compile-command 'make lock' --output-file tools/requirements.txt

check: setup
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	$(VENV)/bin/lint-imports --no-logo
	$(PYTHON) tools/house.py

# What one runs after every change: no test that takes seconds, few examples of each property.
unit: setup
	$(PYTHON) -m pytest tests/unit $(PARALLEL) -m 'not slow' --hypothesis-profile=few

# What is made of the code and committed: the schema, our own Jenkinsfiles, golden files. Read the difference in git.
derived: setup
	$(PYTHON) -m jenkinsgen schema > docs/spec.schema.json
	$(PYTHON) -m jenkinsgen render pipelines/*.yaml
	$(PYTHON) -m pytest -q $(PARALLEL) --rewrite-golden tests/unit/test_golden_errors.py tests/unit/test_golden_render.py \
	    tests/unit/test_docs_transcripts.py tests/unit/review tests/unit/trace

# What of the stages the tests in memory reach, without root: each orchestrator has its least in tools/covered.py.
covered: setup
	$(PYTHON) -m coverage run -m pytest -q tests/unit/test_stages_in_memory.py tests/unit/test_scenarios.py \
	    tests/unit/test_cleanup.py tests/unit/test_evidence.py tests/unit/test_bake.py
	$(PYTHON) -m coverage json --quiet -o .coverage.json
	$(PYTHON) tools/covered.py .coverage.json

# All that needs no sandbox, and of the rest what tests/everyday.txt names.
test: check covered apart
	$(PYTHON) -m pytest $(ON_REAL_PARTS) -m everyday --durations=25

# Really everything: three hours.
test-all: check apart test-newest test-oldest
	$(PYTHON) -m pytest $(ON_REAL_PARTS) --durations=50

# In this order: each has a conftest, and the tests of the second import theirs by that name.
ON_REAL_PARTS := tests/faults tests/integration

apart: setup
	$(PYTHON) -m pytest tests/unit tests/server tests/packaging $(PARALLEL)

# The unit tests with the newest and with the oldest packages that pyproject.toml allows, each in an environment of its own.
test-newest: RESOLUTION := highest
test-oldest: RESOLUTION := lowest-direct
test-newest test-oldest: setup
	$(VENV)/bin/uv venv --quiet --clear --python $(PYTHON) $(VENV)-$@
	$(VENV)/bin/uv pip install --quiet --python $(VENV)-$@ --resolution $(RESOLUTION) --editable . --group test
	$(VENV)-$@/bin/python -m pytest tests/unit $(PARALLEL)

# Every row of the fault matrix, and the table (docs/reliability.md). FAULTS_JSON=file writes it there, too.
faults: setup
	$(PYTHON) -m pytest tests/faults

# Takes the drain, the health gate and the like out of a copy: the matrix must turn red.
mutations: setup
	$(PYTHON) tests/faults/mutations.py

# Against the Jenkins server of JENKINS_URL, JENKINS_USER and JENKINS_TOKEN, in a folder of its own.
test-live: setup
	$(PYTHON) -m pytest tests/server -m live

demo: setup
	$(PYTHON) -m jenkinsgen sandbox demo

# The same in each world that servers may be of: Debian releases, Podman. The table goes into docs/sandbox.md.
worlds: setup
	$(PYTHON) benchmarks/worlds.py --docs docs/sandbox.md

# Deployments, routing and the agent, in figures, on a sandbox of 16 servers; they go into docs/benchmarks.md.
bench: setup
	$(PYTHON) benchmarks/bench.py --docs docs/benchmarks.md

# The three strategies side by side, under load; the table goes into docs/strategies.md.
strategies: setup
	$(PYTHON) benchmarks/strategies.py --docs docs/strategies.md

# A thousand switches in a row under load; nothing may fail or grow.
soak: setup
	$(PYTHON) benchmarks/soak.py --docs docs/benchmarks.md

clean:
	-$(PYTHON) -m jenkinsgen sandbox down
	rm -rf $(VENV) $(VENV)-test-* .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis dist
