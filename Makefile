# Needs python3 >= 3.11, make and the Python package index. Everything else is installed into .venv* by the first
# target that wants it, at the exact versions and hashes of the lock files.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

# Byte code is kept even where a shell says otherwise: each worker of the tests would compile all of them anew.
unexport PYTHONDONTWRITEBYTECODE

# Another interpreter gets an environment of its own: make test PYTHON=python3.13
PYTHON ?= python3
VENV := $(CURDIR)/.venv$(if $(filter-out python3,$(PYTHON)),-$(notdir $(PYTHON)))
READY := $(VENV)/ready
SAM_READY := $(CURDIR)/.venv-sam/ready
CHECKOV_READY := $(CURDIR)/.venv-checkov/ready
BENCH_READY := $(CURDIR)/.venv-bench/ready
RUNTIME_READY := $(CURDIR)/.venv-runtime/ready

# What is deployed, and where its settings are; OPTIONS go to `sam deploy` as they are. Without STACK_NAME the stack is
# called as the settings of the stage say.
STAGE ?= dev
CONFIG ?= samconfig.toml
STACK_NAME ?=
OPTIONS ?=

# A test waits half of its time, for a callback or a browser.
WORKERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 2 )))
# By folder, so browsers and whole systems come first and units last: a long file that begins late ends alone.
SHARED := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# x86_64 is for trying the artifacts on an ordinary machine; only arm64 is deployed, and only for Lambda's 3.13.
ARCH ?= arm64
PYTHON_VERSION ?= 3.13
BUILD := .aws-sam/build$(if $(filter-out arm64,$(ARCH)),-$(ARCH))

# The artifacts are tried under Lambda's Python; where this machine has none, under the tests' own, and built for that.
LAMBDA_PYTHON = $(shell UV=$(UV) layers/find_python.sh 3.13 || echo $(VENV)/bin/python)
TRIAL_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
TRIAL_BUILD := .aws-sam/build-trial

UV := $(VENV)/bin/uv
# The linter asks no account, only a region; and nothing is told to anybody. A fresh set of make flags, because sam
# calls make again for every artifact.
SAM := env MAKEFLAGS=s SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-eu-west-1} .venv-sam/bin/sam
RUN := env PYTHONPATH=layers/signing:layers/payments:. $(VENV)/bin/python
TYPED := $(foreach folder,layers/signing layers/payments functions local tests bench conformance,\
	$(if $(wildcard $(folder)/*.py $(folder)/*/*.py),$(folder)))

##@ Work

.PHONY: run
run: $(READY)  ## serve the whole system on loopback until Ctrl-C: API, pages, demo shop, pretend ECommPay, AWS
	@exec $(RUN) -m local

.PHONY: platform
platform: $(READY)  ## serve the pretend ECommPay alone, for any integration; settings: local/ecommpay/README.md
	@exec $(RUN) -m local.ecommpay

.PHONY: test
test: lint types template checkov $(if $(shell command -v npm),workflow) build trial  ## lint, types, template, what is deployed, and the whole test suite
	$(VENV)/bin/python -m pytest $(SHARED)

.PHONY: lint
lint: $(READY)  ## what ruff says about code and form
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

.PHONY: types
types: $(READY)  ## what mypy --strict says
	$(VENV)/bin/mypy $(TYPED)

.PHONY: template
template: $(SAM_READY)  ## what SAM and cfn-lint say about template.yaml, and about the role that deploys it
	$(SAM) validate --lint
	.venv-sam/bin/cfn-lint --regions eu-west-1 --template .github/deployment-role.yaml

.PHONY: checkov
checkov: $(SAM_READY) $(CHECKOV_READY)  ## what checkov says about what CloudFormation is given
	@mkdir -p .aws-sam
	.venv-sam/bin/python -m local.transformed template.yaml >.aws-sam/cloudformation.json
	.venv-checkov/bin/checkov --framework cloudformation --file .aws-sam/cloudformation.json \
		--quiet --compact --skip-download

.PHONY: workflow
workflow:  ## what npm's asl-validator says about the workflow (part of make test where npm is)
	npm exec --yes asl-validator@4.0.0 -- --yaml-path statemachines/refund.asl.yaml

.PHONY: soak
soak: $(READY)  ## the long runs: mutants, outages, ten thousand payments, faults at random
	SOAK=1 $(VENV)/bin/python -m pytest $(SHARED) tests/soak tests/integration/faults tests/integration/refunds \
		tests/browser/test_page_access.py tests/unit/domain/test_fold.py tests/unit/signing/test_live_php.py -q

.PHONY: bench
bench: $(BENCH_READY) $(RUNTIME_READY) trial  ## the benchmarks side by side with the peers, as one table of ratios
	env PYTHONPATH=layers/signing:layers/payments:. .venv-bench/bin/python -m bench

.PHONY: openapi
openapi: $(READY)  ## write openapi.yaml anew from the code
	$(RUN) -m local.write_openapi

.PHONY: dashboard
dashboard: $(READY)  ## write the operators' dashboard into template.yaml anew from its list of metrics
	$(RUN) -m local.dashboard

.PHONY: texts
texts: $(READY)  ## find the pages' sentences anew for the translators, and the forms of amounts and times in CLDR
	$(RUN) -m local.catalogues

.PHONY: replay
replay: $(READY)  ## rebuild every payment of a running `make run` from its callbacks and count the differences
	@$(RUN) -m local.replay

.PHONY: report
report: $(READY)  ## the report of some days in a running `make run`: FROM=2026-11-01 TO=2026-11-30, today without
	@$(RUN) -m local.report

.PHONY: erase
erase: $(READY)  ## erase a customer's personal data in a running `make run`: CUSTOMER=customer1 (PROJECT=2924)
	@$(RUN) -m local.erase

.PHONY: close
close: $(READY)  ## close a refund by hand in a running `make run`: PAYMENT=order-1 STATUS=failed REASON="support refused"
	@$(RUN) -m local.close

.PHONY: redrive
redrive: $(READY)  ## publish what a running `make run` could not publish and gave up
	@$(RUN) -m local.redrive

.PHONY: cost
cost: $(READY)  ## what a month with PAYMENTS=10000 costs on AWS; COUNT=yes counts anew what a payment takes
	@$(RUN) -m local.cost $(if $(COUNT),count)

.PHONY: reconcile
reconcile: $(READY)  ## compare a running `make run` with its pretend ECommPay: FROM=2026-11-01 TO=2026-11-30
	@$(RUN) -m local.reconcile

.PHONY: lock
lock: $(READY)  ## write the lock files anew; the layer takes the versions the tests have
	$(LOCK) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(LOCK) requirements/dev.in -o requirements/dev.lock
	$(LOCK) -c requirements/dev.lock layers/payments/requirements.in -o layers/payments/requirements.txt
	$(LOCK) -c requirements/dev.lock layers/reports/requirements.in -o layers/reports/requirements.txt
	$(LOCK) -c requirements/dev.lock requirements/bench.in -o requirements/bench.lock
	$(LOCK) -c requirements/dev.lock requirements/runtime.in -o requirements/runtime.lock
	$(LOCK) requirements/sam.in -o requirements/sam.lock
	$(LOCK) requirements/checkov.in -o requirements/checkov.lock

# One file for every machine, with hashes and without the name of the index it came from.
LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

##@ AWS

.PHONY: build
build: export ARCH := $(ARCH)
build: export PYTHON_VERSION := $(PYTHON_VERSION)
build: export UV := $(UV)
build: export PYBABEL := $(VENV)/bin/pybabel
build: $(SAM_READY)  ## the deployable artifacts, without Docker (ARCH=x86_64 for trying them here)
	$(SAM) build --parallel --build-dir $(BUILD)
	@for part in $(BUILD)/*/; do \
		printf '%-26s %7d KiB, zipped about %6d KiB\n' "$$(basename $$part)" \
			"$$(du -sk $$part | cut -f1)" "$$(( $$(tar -C $$part -cf - . | gzip -6 | wc -c) / 1024 ))"; \
	done

.PHONY: trial
trial: $(RUNTIME_READY)  ## the same artifacts for this machine, to be run and measured here
	$(MAKE) --no-print-directory build ARCH=$(TRIAL_ARCH) BUILD=$(TRIAL_BUILD) \
		PYTHON_VERSION=$$(.venv-runtime/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')

.PHONY: deploy
deploy: build  ## build and deploy, to the account your AWS credentials are for (STAGE=dev, staging or prod; STACK_NAME)
	@if [ "$(ARCH)" != arm64 ]; then echo "only arm64 is deployed" >&2; exit 1; fi
	$(SAM) deploy --config-file $(abspath $(CONFIG)) --config-env $(STAGE) \
		$(if $(STACK_NAME),--stack-name $(STACK_NAME)) $(OPTIONS)

.PHONY: e2e
e2e: $(READY)  ## try a deployed stack from outside: STACK_NAME=ecommpay-dev; without a name the local system only
	$(VENV)/bin/python -m pytest tests/e2e -q

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
		/^[a-z0-9]+:.*  ## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# ------------------------------------------------------------------------------------------------------ environments

$(READY): requirements/bootstrap.txt requirements/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is older than 3.11; name another one: make PYTHON=python3.13 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	$(UV) pip sync --quiet --require-hashes --python $(VENV)/bin/python requirements/dev.lock
	@touch $@

# sam pins its own boto3, checkov a hundred things, the peers of the benchmarks are nothing the tests should see, and the
# runtime has what Lambda's image has and nothing more. What is measured runs on Lambda's Python where there is one.
$(BENCH_READY) $(RUNTIME_READY): private ITS_PYTHON = $(LAMBDA_PYTHON)
$(RUNTIME_READY): private ITS_FLAGS := --compile-bytecode
$(SAM_READY) $(CHECKOV_READY) $(BENCH_READY) $(RUNTIME_READY): $(CURDIR)/.venv-%/ready: requirements/%.lock | $(READY)
	$(UV) venv --quiet --clear --python $(or $(ITS_PYTHON),$(VENV)/bin/python) $(@D)
	$(UV) pip sync --quiet --require-hashes $(ITS_FLAGS) --python $(@D)/bin/python $<
	@touch $@
