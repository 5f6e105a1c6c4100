# The one interface for people and for CI. `make` alone lists the commands.
RUN     = python3 scripts/bootstrap.py run
TEST    = python3 scripts/bootstrap.py test
MUTANTS = python3 scripts/bootstrap.py mutants

.DEFAULT_GOAL := help
.PHONY: help run test check lint format types unit postgres crash fuzz bench bench-detect measure mutants screenshots man messages migrations setup clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

run: ## Start Turnus with demo data on http://127.0.0.1:8000
	@$(RUN) turnus demo --if-empty
	@$(RUN) turnus serve

test: ## Everything that CI checks
	@$(TEST) python scripts/check.py

lint: ## Ruff, import contracts, templates
	@$(TEST) python scripts/check.py lint

format: ## Format Python and templates
	@$(TEST) ruff format .
	@$(TEST) ruff check --fix .

types: ## mypy
	@$(TEST) python scripts/check.py types

unit: ## The tests on SQLite, without the browser
	@$(TEST) pytest -q -n 2 -m "not browser"

postgres: ## The tests on a throwaway PostgreSQL
	@$(TEST) python scripts/check.py postgres

crash: ## Kill workers a thousand times on each database; every term is booked once
	@$(TEST) python scripts/check.py crash

fuzz: ## Send hostile values to every address and form field, on each database
	@$(TEST) python scripts/check.py fuzz

bench: ## Measure speed and memory against the plain cost
	@$(TEST) python -m bench

bench-detect: ## How well subscriptions are detected: made-up histories (or HISTORIES=folder) and companies
	@$(TEST) python -m bench.detection $(HISTORIES)

measure: ## How plainly the code reads, by package: nodes a line, Any, long lines
	@$(TEST) python scripts/measure.py

mutants: ## Change one thing at a time, and see whether a test notices: a sample, ten minutes
	@$(MUTANTS) python scripts/mutants.py

screenshots: ## Take the pictures of the README and the guide
	@$(TEST) python scripts/screenshots.py

man: ## Write the page of `man turnus`, and the constraints for pip
	@$(TEST) python scripts/manpage.py
	@$(TEST) python scripts/constraints.py

messages: ## Bring the message catalogs up to date (needs gettext)
	@$(TEST) python scripts/messages.py

migrations: ## Write migrations for changed models
	@$(TEST) turnus migrate --make

setup: ## Only set up the environment, with test tools
	@$(TEST)

clean: ## Remove what was built or installed here
	rm -rf .venv .tools frontend/node_modules src/turnus/static/dist .mypy_cache .pytest_cache .ruff_cache .coverage*
