# Seamless: `make lab` brings the reference lab up and proves it; `make help` lists the rest.

STACK ?= lab
STACKS := $(sort $(patsubst Pulumi.%.yaml,%,$(wildcard Pulumi.*.yaml)))
PULUMI := node_modules/.bin/pulumi
SEAMLESS := bin/seamless

.DEFAULT_GOAL := help
.PHONY: help setup toolchain stack-file stack lab verify tour destroy check test soak bench clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  STACK=NAME      another stack for lab, verify, tour and destroy: $(STACKS)"

setup: node_modules/.package-lock.json ## npm packages and the compiled program
	@npm run --silent build

# Not `npm ci`: it refuses a lock file that leaves out the optional packages of other platforms.
# No install scripts: the only ones that matter would download Pulumi plugins, which the toolchain provides.
node_modules/.package-lock.json: package.json package-lock.json
	@echo "npm install"
	@npm install --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

toolchain: setup ## download or build pulumi, its plugins and the lab's software (first time: 5 to 20 minutes)
	@$(SEAMLESS) toolchain

# Before anything is built for a stack that is not there.
stack-file:
	@test -f Pulumi.$(STACK).yaml || { echo "STACK=$(STACK): no file Pulumi.$(STACK).yaml; allowed: $(STACKS)" >&2; exit 2; }

stack: stack-file toolchain
	@$(PULUMI) stack select --create --stack $(STACK) --non-interactive

lab: stack ## bring the lab up and prove that it works
	@$(PULUMI) up --yes --skip-preview --stack $(STACK) --non-interactive --suppress-outputs
	@$(SEAMLESS) verify --stack $(STACK) --wait 120s

verify: stack-file setup ## prove again that plan, reflector, kernel routes and traffic agree
	@$(SEAMLESS) verify --stack $(STACK)

tour: stack ## replay the reference experiment: reflector, then Kubernetes, then DC/OS, with the tables after each
	@$(SEAMLESS) tour --stack $(STACK)

destroy: toolchain ## take the lab down; built tools and images stay in the cache
	@$(PULUMI) destroy --yes --skip-preview --stack $(STACK) --non-interactive

check: setup ## types, format, lint
	@npm run --silent check

test: check ## everything: units, real daemons, the lab from nothing to nothing
	@$(SEAMLESS) toolchain --tests
	@node test/helpers/everything.js

soak: check ## the long tests, which `make test` leaves out
	@$(SEAMLESS) toolchain --tests
	@SEAMLESS_SOAK=1 node_modules/.bin/jest --selectProjects soak --runInBand --passWithNoTests

bench: toolchain ## how fast, as ratios (see bench/README.md)
	@node_modules/.bin/tsx bench/main.ts

clean: ## remove compiled output; the cache and the state stay
	rm -rf dist
