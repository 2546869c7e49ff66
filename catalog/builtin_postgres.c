/*
 * PostgreSQL's relations that never change: of its types, functions, operators, casts and access methods those that are here too, with what it
 * says of each; and after them the functions that are ours alone.
 *
 * What a row refers to has a row of its own (pg_type.typinput and the like), though nothing can call it.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "catalog/builtin.h"
#include "catalog/catalog_internal.h"
#include "expr/aggregate.h"
#include "expr/table_function.h"
#include "types/text_format.h"

enum { FIELDS_MAX = 48 };

static const struct {
    const char *schema, *name, *columns, *rows;
} relations[] = {
#define POSTGRES(schema, name, columns, rows) {schema, name, columns, rows},
#define RELATION_OID(name, oid)
#include "catalog/builtin/postgres.def"
#undef RELATION_OID
#undef POSTGRES
};

static const struct {
    const char *name;
    uint32_t oid;
} relation_oids[] = {
#define POSTGRES(schema, name, columns, rows)
#define RELATION_OID(name, oid) {name, oid},
#include "catalog/builtin/postgres.def"
#undef RELATION_OID
#undef POSTGRES
};

uint32_t
builtin_relation_oid(const char *schema, const char *name)
{
    if (strcmp(schema, "pg_catalog") != 0)
        return 0;
    for (size_t i = 0; i < sizeof relation_oids / sizeof *relation_oids; i++) {
        if (strcmp(relation_oids[i].name, name) == 0)
            return relation_oids[i].oid;
    }
    return 0;
}

bool
postgres_relation_at(size_t index, const char **schema, const char **name, const char **columns)
{
    if (index >= sizeof relations / sizeof *relations)
        return false;
    *schema = relations[index].schema;
    *name = relations[index].name;
    *columns = relations[index].columns;
    return true;
}

/* What decides which rows are kept: OIDs that are here, as they become known. */
typedef struct Kept {
    Map *functions; /* that can be called, and that kept rows refer to */
    Map *operators, *families;
    Map *names; /* of table functions and of what has no OID in our tables: kept by name */
    Map *shown; /* names of functions that have rows */
} Kept;

static bool
has_oid(Map *set, Datum oid)
{
    return map_get_u64(set, (uint64_t) (uint32_t) oid.i) != NULL;
}

static void
add_oid(Map *set, Datum oid)
{
    if (oid.i != 0)
        map_put_u64(set, (uint64_t) (uint32_t) oid.i, set);
}

static void
kept_init(Kept *kept)
{
    *kept = (Kept){map_new(), map_new(), map_new(), map_new(), map_new()};
    const Function *function;
    for (uint32_t i = 0; (function = function_at(i)) != NULL; i++) {
        if (function->kind == FUNCTION_OPERATOR && function->oid != 0)
            map_put_u64(kept->operators, function->oid, kept);
        else if (function->kind != FUNCTION_CAST && function->oid != 0)
            map_put_u64(kept->functions, function->oid, kept);
        else if (function->kind != FUNCTION_CAST)
            map_put(kept->names, slice_of(function->name), kept);
    }
    const AggregateFunction *aggregate;
    for (uint32_t i = 0; (aggregate = aggregate_at(i)) != NULL; i++) {
        if (aggregate->oid != 0)
            map_put_u64(kept->functions, aggregate->oid, kept);
        else
            map_put(kept->names, slice_of(aggregate->name), kept);
    }
    TableFunctionShape shape;
    for (uint32_t i = 0; table_function_at(i, &shape); i++)
        map_put(kept->names, slice_of(shape.name), kept);
}

static void
kept_deinit(Kept *kept)
{
    map_free(kept->functions);
    map_free(kept->operators);
    map_free(kept->families);
    map_free(kept->names);
    map_free(kept->shown);
}

static bool
type_is_here(Datum oid)
{
    SqlType type;
    return type_from_oid((uint32_t) oid.i, -1, &type);
}

static Datum
field(const RelationDesc *desc, const Datum *row, const char *name)
{
    for (int i = 0; i < desc->column_count; i++) {
        if (strcmp(desc->columns[i].name, name) == 0)
            return row[i];
    }
    bug("no column %s in postgres.def", name);
}

static bool
cast_is_here(Datum source, Datum target)
{
    SqlType from, to;
    return type_from_oid((uint32_t) source.i, -1, &from) && type_from_oid((uint32_t) target.i, -1, &to) &&
           (type_same(from, to) || cast_exists(from, to, CAST_EXPLICIT));
}

static bool
keeps_row(Kept *kept, const char *name, const RelationDesc *desc, const Datum *row)
{
    Datum first = row[0];
    if (strcmp(name, "mz_postgres_types") ==
        0) /* cstring[] and pg_node_tree: functions that are shown have such arguments */
        return type_is_here(first) || field(desc, row, "typtype").i == 'p' || first.i == 1263 || first.i == 194;
    if (strcmp(name, "pg_operator") == 0)
        return has_oid(kept->operators, first);
    if (strcmp(name, "pg_aggregate") == 0)
        return has_oid(kept->functions, first);
    if (strcmp(name, "pg_cast") == 0)
        return cast_is_here(row[1], row[2]);
    if (strcmp(name, "pg_range") == 0)
        return type_is_here(first);
    if (strcmp(name, "pg_opclass") == 0) {
        Datum type = field(desc, row, "opcintype");
        bool here = type_is_here(type) || type.i == 2277 || type.i == 3831 || type.i == 3500 || type.i == 4537;
        if (here)
            add_oid(kept->families, field(desc, row, "opcfamily"));
        return here;
    }
    if (strcmp(name, "pg_opfamily") == 0)
        return has_oid(kept->families, first);
    if (strcmp(name, "pg_amop") == 0)
        return has_oid(kept->families, row[1]) && has_oid(kept->operators, field(desc, row, "amopopr"));
    if (strcmp(name, "pg_amproc") == 0)
        return has_oid(kept->families, row[1]);
    if (strcmp(name, "mz_postgres_functions") == 0) {
        bool here = has_oid(kept->functions, first) || map_get(kept->names, row[1].bytes) != NULL;
        if (here)
            map_put(kept->shown, row[1].bytes, kept);
        return here;
    }
    return true;
}

static void
row_refers(Kept *kept, const RelationDesc *desc, const Datum *row)
{
    for (int i = 0; i < desc->column_count; i++) {
        const char *name = desc->columns[i].name;
        if (desc->columns[i].type.id == TYPE_REGPROC || strcmp(name, "castfunc") == 0 ||
            strcmp(name, "lanplcallfoid") == 0 || strcmp(name, "laninline") == 0 || strcmp(name, "lanvalidator") == 0)
            add_oid(kept->functions, row[i]);
    }
}

/* One line of fields between tabs. */
static void
read_row(const RelationDesc *desc, Slice line, Arena *arena, Datum *row)
{
    for (int i = 0; i < desc->column_count; i++) {
        const char *tab = memchr(line.bytes, '\t', line.size);
        Slice text = slice_make(line.bytes, tab == NULL ? line.size : (size_t) (tab - (const char *) line.bytes));
        line = slice_make((const char *) line.bytes + text.size + (tab != NULL), line.size - text.size - (tab != NULL));
        Error err = ERROR_INIT;
        row[i] = DATUM_NULL;
        if (text.size == 2 && memcmp(text.bytes, "\\N", 2) == 0)
            continue;
        if (!datum_parse(desc->columns[i].type, text, NULL, arena, &row[i], &err))
            bug("postgres.def: %s: %s", desc->columns[i].name, err.message);
    }
}

/* The program's text of the rows, read once: its pages are the file's, and need not stay in memory. */
static void
pages_let_go(const char *from, const char *to)
{
    uintptr_t page = (uintptr_t) sysconf(_SC_PAGESIZE);
    uintptr_t start = ((uintptr_t) from + page - 1) / page * page, end = (uintptr_t) to / page * page;
    if (start < end)
        (void) madvise((void *) start, end - start, MADV_DONTNEED);
}

static void
rows_of_relation(RowSink *sink, size_t index, Kept *kept)
{
    const char *name = relations[index].name, *at = relations[index].rows;
    const RelationDesc *desc = builtin_table(sink->catalog, relations[index].schema, name)->desc;
    Arena *arena = arena_new();
    while (*at != '\0') {
        const char *end = strchr(at, '\n');
        Datum row[FIELDS_MAX];
        read_row(desc, slice_make(at, (size_t) (end - at)), arena, row);
        if (keeps_row(kept, name, desc, row)) {
            row_refers(kept, desc, row);
            row_sink_add(sink, relations[index].schema, name, row, 1);
        }
        at = end + 1;
    }
    pages_let_go(relations[index].rows, at);
    arena_free(arena);
}

/* The access method that indexes have here. */
static void
row_of_arrangement(RowSink *sink)
{
    Datum row[] = {datum_int(12000), datum_text("arrangement"), datum_int(0), datum_int('i'), datum_int(2601)};
    row_sink_add(sink, "pg_catalog", "pg_am", row, 1);
}

void
rows_of_postgres(RowSink *sink)
{
    Kept kept;
    kept_init(&kept);
    for (size_t i = 0; i < sizeof relations / sizeof *relations; i++)
        rows_of_relation(sink, i, &kept);
    rows_of_functions(sink, kept.shown);
    row_of_arrangement(sink);
    kept_deinit(&kept);
}

/* ---- names ---- */

static Slice
field_of(const char *line, int number)
{
    for (; number > 0; number--)
        line += strcspn(line, "\t\n") + 1;
    return slice_make(line, strcspn(line, "\t\n"));
}

static const char *
rows_of_name(const char *name)
{
    for (size_t i = 0; i < sizeof relations / sizeof *relations; i++) {
        if (strcmp(relations[i].name, name) == 0)
            return relations[i].rows;
    }
    bug("no relation %s in postgres.def", name);
}

static bool
next_line(const char **line)
{
    *line += strcspn(*line, "\n");
    *line += **line != '\0';
    return **line != '\0';
}

static uint32_t
oid_of(const char *line)
{
    return (uint32_t) strtoul(line, NULL, 10);
}

uint32_t
builtin_type_oid(Slice name)
{
    SqlType type;
    Slice prefix = slice_of("pg_catalog.");
    if (name.size > prefix.size && memcmp(name.bytes, prefix.bytes, prefix.size) == 0)
        name = slice_make((const char *) name.bytes + prefix.size, name.size - prefix.size);
    const char *line = rows_of_name("mz_postgres_types");
    do {
        if (slice_equal(field_of(line, 1), name) && !type_from_oid(oid_of(line), -1, &type))
            return oid_of(line);
    } while (next_line(&line));
    return 0;
}

/* "{23,25}" */
static bool
are_types(Slice list, const uint32_t *args, int count)
{
    const char *at = (const char *) list.bytes + 1;
    for (int i = 0; i < count; i++) {
        char *end;
        if (*at == '}' || strtoul(at, &end, 10) != args[i])
            return false;
        at = end + (*end == ',');
    }
    return *at == '}';
}

uint32_t
builtin_function_oid(Slice name, const uint32_t *args, int count, int *matches)
{
    enum { ARGUMENT_TYPES = 19 };
    uint32_t found = 0;
    *matches = 0;
    const char *line = rows_of_name("mz_postgres_functions");
    do {
        if (slice_equal(field_of(line, 1), name) &&
            (count < 0 || are_types(field_of(line, ARGUMENT_TYPES), args, count))) {
            found = oid_of(line);
            (*matches)++;
        }
    } while (next_line(&line));
    return found;
}
