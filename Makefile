# Every target sees to .venv first, so a clean clone needs Python 3.11-3.13 and make, nothing else.
ARGS ?=
BIN := .venv/bin
READY := .venv/.ready
ROOMS := domain workflows activities api till_kivy analytics
SBOM ?= build/sbom.json

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check audit sbom bench faults screenshots roles format lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: $(READY) ## start a whole demo shop; ARGS="--sales 200 --exit" runs it unattended
	$(BIN)/tillflow demo $(ARGS)

test: $(READY) ## run every test; ARGS="tests/domain -k tax" runs some
	$(BIN)/python -m pytest $(ARGS)

check: $(READY) ## formatting, lint, types, import rules, spelling and the house's own walls
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(ROOMS)
	$(BIN)/python -m pytest -q tests/test_house_style.py tests/test_purity.py tests/test_rooms.py \
	    tests/test_steps.py tests/test_docs.py
	$(BIN)/python tests/audit_dependencies.py

audit: $(READY) ## look for known vulnerabilities of the dependencies; NOT RUN without data
	$(BIN)/python tests/audit_dependencies.py

sbom: $(READY) ## write what is installed as CycloneDX JSON; SBOM=path says where
	@mkdir -p $(dir $(SBOM))
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --of JSON \
	    --output-file $(SBOM) $(BIN)/python

bench: $(READY) ## measure the figures of docs/benchmarks.md
	$(BIN)/python tests/bench/run.py $(ARGS)

faults: $(READY) ## kill, cut and corrupt with all seeds, where `make test` tries one of each
	$(BIN)/python -m pytest tests/faults --at-length --timeout=1800 $(ARGS)

screenshots: $(READY) ## draw every screen of the till and every page of the office into docs/screens
	$(BIN)/python -m till_kivy screenshots docs/screens
	$(BIN)/python tests/web_album.py docs/screens/web

roles: $(READY) ## write docs/roles.md from the table of roles and the routes' rules
	$(BIN)/python tests/roles_page.py

format: $(READY) ## format and mend what can be mended by itself
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lock: ## pin every dependency again, with hashes, for all platforms
	@.ci/python-env tool
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --generate-hashes \
	    --python-version 3.11 --no-header -o requirements.lock $(ARGS)

clean: ## remove .venv and everything the tools leave behind
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml requirements.lock .ci/python-env
	@.ci/python-env
	@touch $@
