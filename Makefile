# Freshet. `make` builds build/freshet. `make help` lists the other targets; README.md tells the rest.

CC ?= cc
BUILD ?= build
SANITIZE ?=
OPT ?= -O2 -g
SHARED ?= ../shared

# As many compilers as there are processors, unless -j says otherwise.
ifeq ($(MAKELEVEL)$(findstring -j,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

comma := ,
ifneq ($(SANITIZE),)
BUILD := $(BUILD)/sanitize-$(subst $(comma),-,$(SANITIZE))
SANITIZE_FLAGS := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT := -O1 -g
endif

# The included file is made by installing what is missing; make then starts over and finds it through pkg-config.
ifeq ($(filter clean deps help,$(MAKECMDGOALS)),)
-include $(BUILD)/packages.mk
endif

V ?= 0
ifeq ($(V),0)
quiet = @echo '  $(1)  $@';
endif

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
PKGS := libuv libpq openssl sqlite3 libxxhash libpcre2-8 libmicrohttpd gmp icu-uc
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
TEST_CFLAGS := $(shell pkg-config --cflags check 2>/dev/null)
TEST_LIBS := $(shell pkg-config --libs check 2>/dev/null)

CFLAGS_ALL = -std=c17 -D_GNU_SOURCE -MMD -MP $(WARNINGS) $(OPT) $(SANITIZE_FLAGS) -pthread -I. -I$(BUILD)/generated \
	$(PKG_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = $(SANITIZE_FLAGS) -pthread $(LDFLAGS)

LIBRARY_DIRS := base types grammar expr expr/functions collection storage dataflow catalog catalog/builtin planner \
	replication replication/postgres server server/pgwire server/session server/coordinator server/http
SOURCES := $(filter-out server/main.c,$(foreach d,$(LIBRARY_DIRS),$(wildcard $(d)/*.c)))
GENERATED :=
ifneq ($(wildcard grammar/sql.y),)
GENERATED += $(BUILD)/generated/grammar/sql.c $(BUILD)/generated/grammar/lexer.c
endif
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
OBJECTS := $(call objects,$(SOURCES)) $(GENERATED:$(BUILD)/generated/%.c=$(BUILD)/obj/generated/%.o)
LIBRARY := $(BUILD)/libfreshet.a
BASE_OBJECTS := $(call objects,$(wildcard base/*.c))

FIXTURES := $(wildcard tests/lib/*.c)
UNIT_SOURCES := $(wildcard tests/unit/*/*.c tests/unit/*/*/*.c)
INTEGRATION_SOURCES := $(wildcard tests/integration/test_*.c)
RUNNER_SOURCES := $(wildcard sqllogictest/*.c)
BENCH_SOURCES := $(wildcard bench/*.c)
MICRO_SOURCES := $(wildcard bench/micro/bench_*.c)
FUZZ_SOURCES := $(wildcard tests/fuzz/fuzz_*.c)
ORACLE_SOURCES := $(wildcard tests/oracle/*.c)
PROGRAM_SOURCES := server/main.c $(FIXTURES) $(UNIT_SOURCES) $(INTEGRATION_SOURCES) $(RUNNER_SOURCES) $(BENCH_SOURCES) \
	$(MICRO_SOURCES) $(FUZZ_SOURCES) $(ORACLE_SOURCES) tests/integration/kill_cycles.c

.DEFAULT_GOAL := all
.PHONY: all help clean deps programs test test-unit test-integration test-catalog test-catalog test-kill test-slice test-slt test-oracle test-sqlsmith test-fuzz lint fuzz \
	fuzz-programs demo bench bench-duckdb bench-micro format install

all: $(BUILD)/freshet

help:
	@echo 'make               build/freshet'
	@echo 'make test          lint, unit tests, scripts, integration tests, kill -9 cycles, fuzzing'
	@echo 'make demo          a throw-away PostgreSQL, a view over it, and the view changing under pgbench'
	@echo 'make lint format   check the sources; format them'
	@echo 'make bench         the figures, as ratios (SCALE=100 by default)'
	@echo 'make bench-duckdb  the ad hoc queries beside PostgreSQL and DuckDB (needs node and npm)'
	@echo 'make fuzz          every fuzz target for FUZZ_SECONDS=30, with new inputs'
	@echo 'make test-unit test-unit-FOLDER test-integration test-kill test-slt    parts of the tests'
	@echo 'make deps          install the Debian packages that are missing (the others call it)'
	@echo 'variables          V=1 CC=clang SANITIZE=address,undefined BUILD=dir CYCLES=200'

# ---- packages

$(BUILD)/packages.mk: packaging/packages.txt
	@packaging/deps.sh
	@mkdir -p $(@D)
	@echo '# packages of packaging/packages.txt are installed' > $@

deps:
	@packaging/deps.sh

# ---- the server

$(BUILD)/freshet: $(BUILD)/obj/server/main.o $(LIBRARY)
	$(call quiet,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) -lm

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(call quiet,AR)ar rcs $@ $^

# Objects of one folder: `make folder-types` compiles types/ alone.
folder-%:
	$(MAKE) $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $*/*.c))

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CFLAGS_ALL) $(TEST_CFLAGS) -c -o $@ $<

# What lemon and re2c write is not held to every warning.
$(BUILD)/obj/generated/%.o: $(BUILD)/generated/%.c
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(CFLAGS_ALL) -Wno-unused-parameter -Wno-unused-variable -Wno-sign-compare -Wno-shadow -c -o $@ $<

-include grammar/grammar.mk
$(call objects,$(wildcard grammar/*.c)): | $(GENERATED)

-include $(OBJECTS:.o=.d) $(patsubst %.c,$(BUILD)/obj/%.d,$(PROGRAM_SOURCES))

# ---- test programs

# Collects every `Suite *suite_...(void)` of the files given into the list that tests/lib/suites_main.c runs.
define collect_suites
	@mkdir -p $(@D)
	@tests/lib/collect_suites.sh $(filter %.c,$^) > $@.new
	@cmp -s $@ $@.new && rm $@.new || mv $@.new $@
endef

$(BUILD)/generated/unit_suites.c: $(UNIT_SOURCES) tests/lib/collect_suites.sh
	$(collect_suites)

$(BUILD)/generated/integration_suites.c: $(INTEGRATION_SOURCES) tests/lib/collect_suites.sh
	$(collect_suites)

LIB_OBJECTS := $(call objects,$(filter-out tests/lib/suites_main.c,$(FIXTURES)))
MAIN_OBJECT := $(BUILD)/obj/tests/lib/suites_main.o

$(BUILD)/unit_tests: $(MAIN_OBJECT) $(BUILD)/obj/generated/unit_suites.o $(call objects,$(UNIT_SOURCES)) $(LIB_OBJECTS) $(LIBRARY)
	$(call quiet,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(TEST_LIBS) $(PKG_LIBS) -lm

$(BUILD)/integration_tests: $(MAIN_OBJECT) $(BUILD)/obj/generated/integration_suites.o $(call objects,$(INTEGRATION_SOURCES)) \
		$(LIB_OBJECTS) $(BASE_OBJECTS)
	$(call quiet,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(TEST_LIBS) $(PKG_LIBS) -lm

$(BUILD)/kill_cycles: $(BUILD)/obj/tests/integration/kill_cycles.o $(LIB_OBJECTS) $(BASE_OBJECTS)
	$(call quiet,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) -lm

$(BUILD)/oracle: $(call objects,$(ORACLE_SOURCES)) $(LIB_OBJECTS) $(BASE_OBJECTS)
	$(call quiet,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) -lm

$(BUILD)/sqllogictest: $(call objects,$(RUNNER_SOURCES)) $(LIB_OBJECTS) $(BASE_OBJECTS)
	$(call quiet,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) -lm

$(BUILD)/bench: $(call objects,$(BENCH_SOURCES)) $(LIB_OBJECTS) $(BASE_OBJECTS)
	$(call quiet,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) -lm

# Benchmarks of one part each, from the inside: build/bench_run and the like.
MICRO_PROGRAMS := $(MICRO_SOURCES:bench/micro/%.c=$(BUILD)/%)

bench-micro: $(MICRO_PROGRAMS)

$(MICRO_PROGRAMS): $(BUILD)/%: $(BUILD)/obj/bench/micro/%.o $(LIBRARY)
	$(call quiet,LD)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) -lm

programs: $(BUILD)/freshet $(BUILD)/unit_tests $(BUILD)/integration_tests $(BUILD)/kill_cycles $(BUILD)/sqllogictest $(BUILD)/oracle $(BUILD)/bench $(MICRO_PROGRAMS)

# Unit tests of one folder, linked with that folder and what it may include: `make test-unit-types`.
ALLOWED_base := base
ALLOWED_types := types base
ALLOWED_grammar := grammar base
ALLOWED_expr := expr expr/functions collection types base
ALLOWED_collection := collection types base
ALLOWED_storage := storage collection types base
ALLOWED_dataflow := dataflow storage collection expr expr/functions types base
ALLOWED_catalog := catalog catalog/builtin storage collection expr expr/functions types base
ALLOWED_planner := planner catalog catalog/builtin storage grammar dataflow collection expr expr/functions types base
ALLOWED_replication := replication replication/postgres storage collection types base
ALLOWED_server := $(LIBRARY_DIRS)

test-unit-%:
	+@$(MAKE) --no-print-directory FOLDER=$* $(BUILD)/unit_tests-$*
	$(BUILD)/unit_tests-$*

ifneq ($(FOLDER),)
FOLDER_TESTS := $(wildcard tests/unit/$(FOLDER)/*.c tests/unit/$(FOLDER)/*/*.c)
FOLDER_SOURCES := $(filter-out server/main.c,$(foreach d,$(ALLOWED_$(FOLDER)),$(wildcard $(d)/*.c)))
FOLDER_GENERATED := $(if $(filter grammar,$(ALLOWED_$(FOLDER))),$(GENERATED:$(BUILD)/generated/%.c=$(BUILD)/obj/generated/%.o))

$(BUILD)/generated/unit_suites-$(FOLDER).c: $(FOLDER_TESTS) tests/lib/collect_suites.sh
	$(collect_suites)

$(BUILD)/unit_tests-$(FOLDER): $(MAIN_OBJECT) $(BUILD)/obj/generated/unit_suites-$(FOLDER).o $(call objects,$(FOLDER_TESTS)) \
		$(LIB_OBJECTS) $(call objects,$(FOLDER_SOURCES)) $(FOLDER_GENERATED)
	$(call quiet,LD)$(CC) $(LDFLAGS_ALL) -o $@ $(sort $^) $(TEST_LIBS) $(PKG_LIBS) -lm
endif

# ---- tests

CYCLES ?= 20
FUZZ_SECONDS ?= 30
RUNNER := $(BUILD)/sqllogictest --postgres --freshet $(BUILD)/freshet
export ASAN_OPTIONS ?= detect_leaks=0
export UBSAN_OPTIONS ?= print_stacktrace=1
export FRESHET_PROGRAM = $(abspath $(BUILD)/freshet)

# Runs every part even when one fails, so that one run shows all there is to mend.
test: $(BUILD)/freshet
	+@tests/all.sh $(MAKE) --no-print-directory

test-unit: $(BUILD)/unit_tests
	$(BUILD)/unit_tests

test-integration: $(BUILD)/sqllogictest $(BUILD)/integration_tests $(BUILD)/freshet
	$(RUNNER) sqllogictest/scripts tests/integration; scripts=$$?; CK_FORK=no $(BUILD)/integration_tests && exit $$scripts

# What psql and drivers ask of the system catalog, beside a PostgreSQL that has the same objects.
test-catalog: $(BUILD)/freshet
	@tests/catalog.sh $(BUILD) '$(SHARED)'

test-kill: $(BUILD)/kill_cycles $(BUILD)/freshet
	$(BUILD)/kill_cycles --freshet $(BUILD)/freshet --cycles $(CYCLES)

# A slice of the shared scripts for every run, all of them by hand.
test-slice: $(BUILD)/sqllogictest $(BUILD)/freshet
	@sqllogictest/shared.sh slice '$(SHARED)' $(BUILD)

test-slt: $(BUILD)/sqllogictest $(BUILD)/freshet
	@sqllogictest/shared.sh all '$(SHARED)' $(BUILD)

# Random queries on random tables, PostgreSQL beside them: many by hand, some in every run.
ORACLE_QUERIES ?= 20000
test-oracle: $(BUILD)/oracle $(BUILD)/freshet
	$(BUILD)/oracle --freshet $(BUILD)/freshet --queries $(ORACLE_QUERIES)

# Queries that only keep to the grammar, from sqlsmith: none may end the server or fail with an internal error.
SQLSMITH_QUERIES ?= 100000
SQLSMITH_SEED ?= 1
test-sqlsmith: $(BUILD)/freshet
	@tests/sqlsmith.sh $(BUILD) $(SQLSMITH_QUERIES) $(SQLSMITH_SEED)

lint: $(GENERATED)
	@tests/lint/run.sh $(BUILD)

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

# libFuzzer is clang's: what it runs is compiled a second time.
FUZZ_FLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FUZZ_PROGRAMS := $(FUZZ_SOURCES:tests/fuzz/%.c=$(BUILD)/%)
# Only what the targets reach: instrumented code compiles slowly.
FUZZ_DIRS := base types grammar collection replication/postgres server/pgwire
FUZZ_LIBRARY := $(BUILD)/libfuzzed.a

fuzz:
	+@$(MAKE) --no-print-directory CC=clang BUILD=$(BUILD)/fuzz SANITIZE= OPT='-O1 -g' SANITIZE_FLAGS='$(FUZZ_FLAGS)' fuzz-programs
	@tests/fuzz/run.sh $(BUILD)/fuzz $(FUZZ_SECONDS)

# The same inputs every time: what earlier fuzzing found stays mended. New inputs are looked for by hand.
test-fuzz:
	+@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=same

fuzz-programs: $(FUZZ_PROGRAMS)

$(FUZZ_LIBRARY): $(call objects,$(foreach d,$(FUZZ_DIRS),$(wildcard $(d)/*.c))) $(GENERATED:$(BUILD)/generated/%.c=$(BUILD)/obj/generated/%.o)
	@rm -f $@
	$(call quiet,AR)ar rcs $@ $^

$(FUZZ_PROGRAMS): $(BUILD)/%: $(BUILD)/obj/tests/fuzz/%.o $(FUZZ_LIBRARY)
	$(call quiet,LD)$(CC) -fsanitize=fuzzer,address,undefined -pthread -o $@ $^ $(PKG_LIBS) -lm

# ---- the rest

demo: $(BUILD)/freshet
	@packaging/demo.sh $(BUILD)/freshet

SCALE ?= 100
bench: $(BUILD)/bench $(BUILD)/freshet
	@$(BUILD)/bench --freshet $(BUILD)/freshet --scale $(SCALE)

# The ad hoc queries beside DuckDB too, which npm brings into the build directory.
$(BUILD)/duckdb/node_modules/@duckdb/node-api/package.json:
	@mkdir -p $(BUILD)/duckdb
	@npm install --silent --no-audit --no-fund --prefix $(BUILD)/duckdb @duckdb/node-api

bench-duckdb: $(BUILD)/bench $(BUILD)/freshet $(BUILD)/duckdb/node_modules/@duckdb/node-api/package.json
	@DUCKDB_MODULES=$(abspath $(BUILD)/duckdb) $(BUILD)/bench --freshet $(BUILD)/freshet --scale $(SCALE) --only adhoc \
		--duckdb bench/duckdb/adhoc.mjs

PREFIX ?= /usr/local
install: $(BUILD)/freshet
	install -D -m 755 $(BUILD)/freshet $(DESTDIR)$(PREFIX)/bin/freshet

clean:
	rm -rf build
