# Commands for developers. Each one sets up a fresh clone if necessary and needs only Python 3.11 or newer.
# The times are those of two cores.
.DEFAULT_GOAL := help
PYTHON ?= python3
UV := .venv/bin/uv
RUN := .venv/bin/
STAMP := .venv/.synced
CONSOLE := src/presswork/console/static/.built
FUZZ_TESTS := tests/api/test_fuzz.py tests/api/test_fuzz_connections.py tests/api/test_ids.py tests/platforms/tiktok/test_chunks.py tests/worker/test_life_of_a_post.py

.PHONY: help setup console pictures translations docs lint n8n zapier chart audit test test-console check check-all gate bench bench-page chaos fuzz model demo format version release image try-image clean

help:  ## List these commands
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

# On a terminal, uv and npm show their own progress; elsewhere each step is a line.
QUIET := $$([ -t 2 ] || echo --quiet)
PYTEST := $(RUN)pytest -n 4 --dist worksteal

setup: $(STAMP) $(CONSOLE)  ## Create .venv with .venv/bin/presswork from the lock file, and build the console

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Presswork needs Python 3.11 or newer; name it with 'make PYTHON=python3.12 …'"; exit 1; }
	@echo "Setting up .venv (one to three minutes; it needs about 1 GB)"
	@$(PYTHON) -m venv .venv
	@echo "  installing uv, pinned with its hashes in .ci/uv.txt"
	@$(RUN)python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement .ci/uv.txt

# With bytecode: where PYTHONDONTWRITEBYTECODE is set, each process would otherwise compile a thousand modules at its start.
$(STAMP): $(UV) pyproject.toml packages/sandbox/pyproject.toml sdk/python/pyproject.toml uv.lock
	@echo "  installing the packages of uv.lock, and compiling them"
	@UV_PYTHON_DOWNLOADS=never $(UV) sync --frozen $(QUIET) --python $(RUN)python --inexact --compile-bytecode
	@$(RUN)python -m compileall -q src packages/sandbox/src sdk/python/src
	@touch $@

console: $(STAMP)  ## Build the console again
	$(RUN)python console/build.py
	@touch $(CONSOLE)

$(CONSOLE): $(STAMP) $(wildcard console/*.* console/src/*.* console/src/*/*.* console/src/*/*/*.* sdk/typescript/src/*.ts sdk/typescript/src/*/*.ts)
	@echo "  building the console with Node"
	@$(RUN)python console/build.py
	@touch $@

pictures: setup  ## Make the pictures of the console in docs/pictures again
	$(RUN)python console/pictures.py

translations: $(STAMP)  ## Collect the texts of the pages without a login into src/presswork/locales
	pot=$$(mktemp) && trap 'rm -f "$$pot"' EXIT \
	&& $(RUN)pybabel -q extract --mapping babel.cfg --keyword translatable --no-location --omit-header --sort-output --output "$$pot" . \
	&& for po in src/presswork/locales/*.po; do \
	  $(RUN)pybabel -q update --input-file "$$pot" --output-file "$$po" --locale "$$(basename "$$po" .po)" --no-fuzzy-matching --omit-header --ignore-obsolete --width 100; \
	done

docs: $(STAMP)  ## Build the documentation site into site/, and the tables of error codes in docs/
	$(RUN)python -m website

lint: setup  ## Check style, types, import directions, words, formatting, the lock file, licences (2 minutes)
	$(RUN)ruff check
	$(RUN)ruff format --check
	$(RUN)mypy
	$(RUN)lint-imports
	$(RUN)codespell $$(git ls-files -- '*.py' '*.sql' '*.md' '*.ts' '*.tsx' '*.mjs' '*.js' '*.html' '*.y*ml' Makefile)
	$(UV) lock --check --offline --quiet
	$(RUN)pip-licenses --summary
	$(RUN)python console/build.py types lint

n8n:  ## Check the n8n nodes with n8n's own command (installs 700 MB in a temporary folder)
	folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && cp -R integrations/n8n/. "$$folder" && cd "$$folder" \
	&& rm -rf node_modules dist && npm install --no-save --ignore-scripts --no-audit --no-fund --save-dev @n8n/node-cli@0.48.3 \
	&& npx n8n-node lint && npx n8n-node build && npm pack --dry-run

zapier:  ## Check the Zapier app with Zapier's own schema (installs 6 MB in a temporary folder)
	folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && cp -R integrations/zapier/. "$$folder" && cd "$$folder" && rm -f package.json \
	&& npm install --no-save --ignore-scripts --no-audit --no-fund --silent zapier-platform-schema@19.1.0 && cp "$(CURDIR)/integrations/zapier/package.json" . \
	&& node test/validate.mjs

chart: $(STAMP)  ## Check the Helm chart with Helm's library and the schemas of Kubernetes (installs 350 MB in a cache)
	$(UV) run --no-project --python $(RUN)python --with helm-python-sdk==0.2.2 --with kubernetes-validate==1.37.0 python -m release.chart

audit: $(STAMP)  ## Check all pinned packages against the OSV vulnerability database (needs a network)
	$(UV) audit --frozen

format: $(STAMP)  ## Fix style and formatting
	$(RUN)ruff check --fix
	$(RUN)ruff format

test: $(STAMP)  ## Run the tests of every change (7 minutes); P=linkedin: all tests of a platform
	$(PYTEST) --ignore tests/console/flows $(if $(P),--tier all -k $(P))

test-console: setup  ## Run the console's tests, most of them in a real browser (3 minutes)
	$(RUN)python console/build.py test
	$(RUN)pytest -n 3 --dist worksteal tests/console/flows

check: lint test test-console  ## Run what every change needs (12 minutes)

check-all: setup lint  ## Run everything: all faults, chaos, benchmarks, packages, documented commands, mutants (about an hour)
	$(RUN)python console/build.py test
	$(PYTEST) --tier all --ignore tests/console/flows
	$(RUN)pytest -n 3 --dist worksteal --tier all tests/console/flows
	$(RUN)python -m tests.mutants

gate: setup  ## Run the tests as CI does: those of every change, and a tenth of the others; a failed one runs again, alone
	$(RUN)python console/build.py test
	$(RUN)python -m tests.gate --tenth $$(git rev-parse HEAD) -n 4 --dist worksteal --ignore tests/console/flows
	$(RUN)python -m tests.gate --tenth $$(git rev-parse HEAD) -n 3 --dist worksteal tests/console/flows

bench: $(STAMP)  ## Measure the hot paths as ratios to a plain statement in the same run
	$(RUN)python -m bench

bench-page: $(STAMP)  ## Measure everything, including ten million posts, and update docs/performance.md (half an hour)
	mkdir -p bench/results
	$(RUN)python -m bench --json bench/results/figures.json
	$(RUN)python -m bench --only claim --only list --rows 10000000 --json bench/results/ten-million.json
	$(RUN)python -m bench.flame docs/pictures/publish-call.svg
	$(RUN)python -m bench.page bench/results/figures.json bench/results/ten-million.json

chaos: $(STAMP)  ## Inject random faults into a cluster and check that no post is doubled or lost
	$(RUN)python -m chaos $(CHAOS)

fuzz: $(STAMP)  ## Test with generated values and damaged media files; a new seed, or SEED=n
	@seed=$${SEED:-$$($(RUN)python -c 'import secrets; print(secrets.randbelow(2**32))')}; \
	replay="Replay with: make fuzz SEED=$$seed"; echo "Seed $$seed. $$replay"; set -x; \
	$(RUN)pytest $(FUZZ_TESTS) --timeout 7200 --fuzz-examples 150 --hypothesis-profile fuzz --hypothesis-seed $$seed \
	&& $(RUN)python -m tests.media.fuzz --cases 5000 --seed $$seed || { set +x; echo "$$replay"; exit 1; }

model: $(STAMP)  ## Explore every state of the protocol between workers and show what each safeguard prevents
	$(RUN)python -m tests.protocol --table

demo: $(STAMP)  ## Publish a video, a picture and a slideshow to sandbox accounts
	$(RUN)presswork demo

version: $(STAMP)  ## Write VERSION everywhere and move the notes of the changelog into its section
	$(RUN)python -m release version $(VERSION)

release: $(STAMP)  ## Build, check and list everything that a release uploads, in dist/ (uploads nothing)
	UV_PYTHON_DOWNLOADS=never $(UV) sync --frozen --quiet --python $(RUN)python --inexact --group release
	$(RUN)python -m release build $(CHANGES)

image: $(STAMP) $(CONSOLE)  ## Build the container image from our wheels; BASE=debian: on Debian's packages; WITHOUT_SANDBOX=1: for live projects alone
	$(RUN)python -m release image $(if $(BASE),--base $(BASE))

try-image: $(STAMP)  ## Run the image of `make image` with a read-only root, as its user, without a container engine (as root)
	$(RUN)python -m release.try_image

clean:  ## Remove the files that the other commands created
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find tests bench chaos examples release website -name __pycache__ -prune -exec rm -r {} +
