# The parser's generated files. Included by the Makefile, which sets BUILD.

GRAMMAR_OUT := $(BUILD)/generated/grammar
LEMON_TEMPLATE ?= /usr/share/lemon/lempar.c

GRAMMAR_PARTS := $(patsubst %,grammar/%.y,sql sql_query sql_expr sql_create sql_alter)
$(GRAMMAR_OUT)/all.y: $(GRAMMAR_PARTS) grammar/keywords.def grammar/keywords.awk
	@mkdir -p $(@D)
	cat $(GRAMMAR_PARTS) > $@.part
	awk -v output=grammar -f grammar/keywords.awk grammar/keywords.def >> $@.part
	mv $@.part $@

$(GRAMMAR_OUT)/keyword_table.h: grammar/keywords.def grammar/keywords.awk
	@mkdir -p $(@D)
	awk -v output=table -f grammar/keywords.awk grammar/keywords.def > $@.part
	mv $@.part $@

# Lemon names its files after its input; one run makes both.
$(GRAMMAR_OUT)/sql.c $(GRAMMAR_OUT)/sql.h &: $(GRAMMAR_OUT)/all.y
	lemon -q -l -T$(LEMON_TEMPLATE) $<
	mv $(GRAMMAR_OUT)/all.c $(GRAMMAR_OUT)/sql.c
	mv $(GRAMMAR_OUT)/all.h $(GRAMMAR_OUT)/sql.h

$(GRAMMAR_OUT)/lexer.c: grammar/lexer.re
	@mkdir -p $(@D)
	re2c --no-debug-info --no-generation-date -o $@ $<

# Who includes the generated headers.
GRAMMAR_USERS := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard grammar/*.c)) \
	$(BUILD)/obj/generated/grammar/sql.o $(BUILD)/obj/generated/grammar/lexer.o
$(GRAMMAR_USERS): | $(GRAMMAR_OUT)/sql.h $(GRAMMAR_OUT)/keyword_table.h
