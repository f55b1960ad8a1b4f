# make run     build what is missing and start everything on embedded engines
# make test    every test: Rust, UI, SDKs, browser
# make check   formatting, lints, dependency rules
# make fuzz    what reads strangers' bytes, fuzzed for SECONDS (60) per target
# make bench   cost per call beside a direct call, nginx and a bare pingora pass-through
SHELL := /bin/bash
.DEFAULT_GOAL := help
LISTEN ?= 127.0.0.1:8080
ARGS ?=
SECONDS ?= 60
TARGETS ?=
export PATH := $(CURDIR)/.tools/bin:$(PATH)

.PHONY: help setup ui build run up down logs test test-rust test-ui test-system check fmt prepare fuzz bench hooks

help:
	@sed -n 's/^# //p' Makefile | head -5

setup:
	@scripts/setup.sh run

ui: setup
	@scripts/build-ui.sh

build: ui
	@cargo build --release --bin aop

run: build
	@exec target/release/aop up --listen $(LISTEN) $(ARGS)

up: build
	@scripts/background.sh up --listen $(LISTEN) $(ARGS)

down:
	@scripts/background.sh down

logs:
	@scripts/background.sh logs

test:
	@scripts/setup.sh test
	@scripts/build-ui.sh
	@$(MAKE) --no-print-directory test-rust test-ui test-system

test-rust:
	@cargo build --bin aop
	@$${CARGO_TARGET_DIR:-target}/debug/aop engines -- cargo nextest run --workspace

test-ui:
	@cd ui && npm run --silent lint && npm run --silent typecheck && npm test --silent && npm run --silent size

test-system:
	@scripts/test-system.sh

check:
	@scripts/setup.sh test
	@cargo fmt --all --check
	@cargo clippy --workspace --all-targets -- -D warnings
	@scripts/deny.sh

fmt:
	@cargo fmt --all

# Rewrites the committed answers of the database that sqlx's compile-time checks read.
prepare:
	@scripts/prepare-sql.sh

fuzz:
	@scripts/fuzz.sh $(SECONDS) $(TARGETS)

bench:
	@scripts/setup.sh test
	@scripts/build-ui.sh
	@bench/run.sh $(ARGS)

# Checks before every commit.
hooks:
	@printf '#!/bin/sh\nexec make check\n' > "$$(git rev-parse --git-path hooks/pre-commit)"
	@chmod +x "$$(git rev-parse --git-path hooks/pre-commit)"
