/*
 * Any text is either parsed or refused with a SQLSTATE; what is parsed prints as SQL that parses to the same tree, which
 * is held to by printing once more.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "grammar/ast_print.h"
#include "grammar/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check_statement(const AstStatement *statement, Arena *arena)
{
    Error err = ERROR_INIT;
    Buffer first = {0};
    Buffer second = {0};
    AstStatement *again;
    ast_print_statement(statement, AST_PRINT_ONE_LINE, &first);
    if (!parse_statement(buffer_slice(&first), arena, &again, &err)) {
        bug("what was printed does not parse: %s: %s", buffer_text(&first), err.message);
    }
    ast_print_statement(again, AST_PRINT_ONE_LINE, &second);
    if (!slice_equal(buffer_slice(&first), buffer_slice(&second))) {
        bug("printed as %s, then as %s", buffer_text(&first), buffer_text(&second));
    }
    buffer_deinit(&first);
    buffer_deinit(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    Arena *arena = arena_new();
    Error err = ERROR_INIT;
    AstStatementList statements = {0};
    if (parse_statements(slice_make(bytes, size), arena, &statements, &err)) {
        for (int i = 0; i < statements.count; i++) {
            check_statement(statements.items[i], arena);
        }
    } else if (!error_is_set(&err) || strlen(err.sqlstate) != 5) {
        bug("refused without a reason");
    }
    error_clear(&err);
    arena_free(arena);
    return 0;
}
