# Freshet. `make` builds build/freshet; see README.md for the other targets.

CC ?= cc
BUILD ?= build
SANITIZE ?=
OPT ?= -O2 -g

ifneq ($(SANITIZE),)
comma := ,
BUILD := build/sanitize-$(subst $(comma),-,$(SANITIZE))
SANITIZE_FLAGS := -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
OPT := -O1 -g
endif

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
PKGS := libuv libpq openssl sqlite3 libxxhash libpcre2-8 libmicrohttpd
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lgmp

CFLAGS_ALL := -std=c17 -D_GNU_SOURCE -MMD -MP $(WARNINGS) $(OPT) $(SANITIZE_FLAGS) -pthread -I. -I$(BUILD)/generated $(PKG_CFLAGS) $(CFLAGS)
LDFLAGS_ALL := $(SANITIZE_FLAGS) -pthread $(LDFLAGS)

LIBRARY_DIRS := base types grammar expr expr/functions collection storage dataflow catalog catalog/builtin planner \
	replication replication/postgres server server/pgwire server/session server/coordinator server/http
SOURCES := $(filter-out server/main.c,$(foreach d,$(LIBRARY_DIRS),$(wildcard $(d)/*.c)))
GENERATED :=
ifneq ($(wildcard grammar/sql.y),)
GENERATED += $(BUILD)/generated/grammar/sql.c $(BUILD)/generated/grammar/lexer.c
endif
OBJECTS := $(SOURCES:%.c=$(BUILD)/obj/%.o) $(GENERATED:$(BUILD)/generated/%.c=$(BUILD)/obj/generated/%.o)
LIBRARY := $(BUILD)/libfreshet.a

.PHONY: all clean deps
all: $(BUILD)/freshet

$(BUILD)/freshet: $(BUILD)/obj/server/main.o $(LIBRARY)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) -lm

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	ar rcs $@ $^

# Objects of one folder: `make folder-types` compiles types/ alone.
folder-%:
	$(MAKE) $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $*/*.c))

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -c -o $@ $<

$(BUILD)/obj/generated/%.o: $(BUILD)/generated/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -Wno-unused-parameter -Wno-unused-variable -Wno-sign-compare -Wno-shadow -c -o $@ $<

-include $(OBJECTS:.o=.d) $(BUILD)/obj/server/main.d

clean:
	rm -rf build
