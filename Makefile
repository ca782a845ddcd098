.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
RUN_ENV := LMS_PUBLIC_URL=$${LMS_PUBLIC_URL:-http://127.0.0.1:8000} LMS_SITE_NAME="$${LMS_SITE_NAME:-Trang học thử}"

.PHONY: help setup run check test bench lock format clean

help:  ## Print this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/.product: requirements.txt pyproject.toml
	@command -v python3 >/dev/null || { echo "Cần Python 3.11 trở lên. Cài python3 và python3-venv rồi chạy lại."; exit 1; }
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cần Python 3.11 trở lên."; exit 1; }
	@test -x $(BIN)/python || python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.tools: $(VENV)/.product requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

setup: $(VENV)/.product  ## Make the environment and install the product into it

run: $(VENV)/.product  ## Install, migrate, sync content, make a demo school and serve on http://127.0.0.1:8000
	@$(RUN_ENV) $(BIN)/lms db upgrade
	@$(RUN_ENV) $(BIN)/lms content sync
	@$(RUN_ENV) $(BIN)/lms demo --if-empty
	@$(RUN_ENV) exec $(BIN)/lms serve

check: $(VENV)/.tools  ## Format, lint, types, import contracts, content, tests of rules and actions: about a minute
	@$(BIN)/python -m tests.run --programs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/lms content check
	$(BIN)/python -m pytest -m "not browser and not server" -n 2 --dist loadfile --ignore=tests/web_test --ignore=tests/ops_test

test: $(VENV)/.tools  ## Every test: on SQLite, on PostgreSQL, with real servers and a real browser
	$(BIN)/python -m tests.run

bench: $(VENV)/.tools  ## Measure the goals as ratios within one run
	$(BIN)/python -m bench

lock: $(VENV)/.tools  ## Write the locked requirements anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -p 3.11 -q -o requirements.txt
	$(BIN)/uv pip compile --group dev -c requirements.txt --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -p 3.11 -q -o requirements-dev.txt

format: $(VENV)/.tools  ## Put the code into the house's form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## Remove the environment and what tools keep
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
