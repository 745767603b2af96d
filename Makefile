# Needs python3 >= 3.11, make and the Python package index. Everything else is installed into .venv* by the first
# target that wants it, at the exact versions and hashes of the lock files.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

# Another interpreter gets an environment of its own: make test PYTHON=python3.13
PYTHON ?= python3
VENV := $(CURDIR)/.venv$(if $(filter-out python3,$(PYTHON)),-$(notdir $(PYTHON)))
READY := $(VENV)/ready
SAM_READY := $(CURDIR)/.venv-sam/ready
BENCH_READY := $(CURDIR)/.venv-bench/ready

STAGE ?= dev
WORKERS ?= 2

# x86_64 is for trying the artifacts on an ordinary machine; only arm64 is deployed.
ARCH ?= arm64
BUILD := .aws-sam/build$(if $(filter-out arm64,$(ARCH)),-$(ARCH))

UV := $(VENV)/bin/uv
# The linter asks no account, only a region; and nothing is told to anybody. A fresh set of make flags, because sam
# calls make again for every artifact.
SAM := env MAKEFLAGS=s SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-eu-west-1} .venv-sam/bin/sam
RUN := env PYTHONPATH=layers/signing:layers/payments:. $(VENV)/bin/python
TYPED := $(foreach folder,layers/signing layers/payments functions local tests bench,\
	$(if $(wildcard $(folder)/*.py $(folder)/*/*.py),$(folder)))

##@ Work

.PHONY: run
run: $(READY)  ## serve the whole system on loopback until Ctrl-C: API, pages, demo shop, pretend ECommPay, AWS
	@exec $(RUN) -m local

.PHONY: test
test: lint types template  ## lint, types, template and the whole test suite
	$(VENV)/bin/python -m pytest -n $(WORKERS) --dist loadfile

.PHONY: lint
lint: $(READY)  ## what ruff says about code and form
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

.PHONY: types
types: $(READY)  ## what mypy --strict says
	$(VENV)/bin/mypy $(TYPED)

.PHONY: template
template: $(SAM_READY)  ## what SAM and cfn-lint say about template.yaml
	$(SAM) validate --lint

.PHONY: workflow
workflow:  ## what npm's asl-validator says about the workflow (needs npm; the tests have checks of their own)
	npm exec --yes asl-validator@4.0.0 -- --yaml-path statemachines/refund.asl.yaml

.PHONY: soak
soak: $(READY)  ## the long runs: mutants, outages, ten thousand payments, faults at random
	SOAK=1 $(VENV)/bin/python -m pytest tests/soak tests/integration/faults tests/integration/refunds -q -s

.PHONY: bench
bench: $(BENCH_READY)  ## the benchmarks side by side with the peers, as one table of ratios
	env PYTHONPATH=layers/signing:layers/payments:. .venv-bench/bin/python -m bench

.PHONY: openapi
openapi: $(READY)  ## write openapi.yaml anew from the code
	$(RUN) -m local.write_openapi

.PHONY: texts
texts: $(READY)  ## find the pages' sentences anew for the translators, and the forms of amounts and times in CLDR
	$(RUN) -m local.catalogues

.PHONY: replay
replay: $(READY)  ## rebuild every payment of a running `make run` from its callbacks and count the differences
	@$(RUN) -m local.replay

.PHONY: erase
erase: $(READY)  ## erase a customer's personal data in a running `make run`: CUSTOMER=customer1 (PROJECT=2924)
	@$(RUN) -m local.erase

.PHONY: close
close: $(READY)  ## close a refund by hand in a running `make run`: PAYMENT=order-1 STATUS=failed REASON="support refused"
	@$(RUN) -m local.close

.PHONY: redrive
redrive: $(READY)  ## publish what a running `make run` could not publish and gave up
	@$(RUN) -m local.redrive

.PHONY: reconcile
reconcile: $(READY)  ## compare a running `make run` with its pretend ECommPay: FROM=2026-11-01 TO=2026-11-30
	@$(RUN) -m local.reconcile

.PHONY: lock
lock: $(READY)  ## write the lock files anew; the layer takes the versions the tests have
	$(LOCK) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(LOCK) requirements/dev.in -o requirements/dev.lock
	$(LOCK) -c requirements/dev.lock layers/payments/requirements.in -o layers/payments/requirements.txt
	$(LOCK) -c requirements/dev.lock requirements/bench.in -o requirements/bench.lock
	$(LOCK) requirements/sam.in -o requirements/sam.lock

# One file for every machine, with hashes and without the name of the index it came from.
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

##@ AWS

.PHONY: build
build: export ARCH := $(ARCH)
build: export UV := $(UV)
build: export PYBABEL := $(VENV)/bin/pybabel
build: $(SAM_READY)  ## the deployable artifacts, without Docker (ARCH=x86_64 for trying them here)
	$(SAM) build --parallel --build-dir $(BUILD)
	@for part in $(BUILD)/*/; do \
		printf '%-26s %7d KiB, zipped about %6d KiB\n' "$$(basename $$part)" \
			"$$(du -sk $$part | cut -f1)" "$$(( $$(tar -C $$part -cf - . | gzip -6 | wc -c) / 1024 ))"; \
	done

.PHONY: deploy
deploy: build  ## build and deploy, to the account your AWS credentials are for (STAGE=dev, staging or prod)
	@if [ "$(ARCH)" != arm64 ]; then echo "only arm64 is deployed" >&2; exit 1; fi
	$(SAM) deploy --config-env $(STAGE)

##@ House

.PHONY: clean
clean:  ## take away everything that was made here, the environments included
	rm -rf .venv .venv-* .aws-sam .run .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
	find functions -name '*.mo' -delete

.PHONY: help
help:  ## this list
	@awk 'BEGIN { FS = ":.*  ## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z]+:.*  ## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# ------------------------------------------------------------------------------------------------------ environments

$(READY): requirements/bootstrap.txt requirements/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is older than 3.11; name another one: make PYTHON=python3.13 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	$(UV) pip sync --quiet --require-hashes --python $(VENV)/bin/python requirements/dev.lock
	@touch $@

# sam pins its own boto3, and the peers of the benchmarks are nothing the tests should see.
$(SAM_READY) $(BENCH_READY): $(CURDIR)/.venv-%/ready: requirements/%.lock | $(READY)
	$(UV) venv --quiet --clear --python $(VENV)/bin/python $(@D)
	$(UV) pip sync --quiet --require-hashes --python $(@D)/bin/python $<
	@touch $@
