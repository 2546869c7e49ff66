/*
 * round_trip.h -- is what was printed the same as what was read?
 */
#ifndef FRESHET_TESTS_UNIT_GRAMMAR_ROUND_TRIP_H
#define FRESHET_TESTS_UNIT_GRAMMAR_ROUND_TRIP_H

#include "base/buffer.h"
#include "base/error.h"
#include "grammar/ast.h"
#include "grammar/ast_print.h"

/* Parses `sql` and prints each statement in every style; what was printed must parse, print the same again, and hold every
   literal, name and weighty keyword of the text. On failure `why` says what went wrong; a statement that does not
   parse is a failure too, with *parses false. */
bool round_trips(Slice sql, bool *parses, Buffer *why);

/* The statements of `sql` printed in `style`, with "; " between; fails the test when they do not parse. To be freed. */
char *printed(const char *sql, AstPrintStyle style);

/* The same for an expression alone. */
char *printed_expr(const char *sql);

/* The error that `sql` is refused with, as "42601 8: syntax error ..."; "" when it parses. To be freed. */
char *refused(const char *sql);

#endif
