#include "server/session/variables.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/slice.h"
#include "server/config.h"
#include "types/datetime.h"

typedef enum VariableKind {
    VARIABLE_TEXT,
    VARIABLE_BOOL,
    VARIABLE_INTEGER,
    VARIABLE_DURATION,
    VARIABLE_BYTES,
    VARIABLE_FIXED, /* only its own value may be set */
    VARIABLE_READ_ONLY,
    VARIABLE_TIME_ZONE,
    VARIABLE_ISOLATION,
    VARIABLE_ENCODING,
    VARIABLE_DATE_STYLE,
    VARIABLE_ENUM, /* one of a few words */
    VARIABLE_FLOAT_DIGITS,
    VARIABLE_LIST, /* identifiers separated by commas */
} VariableKind;

typedef struct VariableSpec {
    const char *name, *initial;
    VariableKind kind;
    const char *description;
    size_t name_size;
} VariableSpec;

static const VariableSpec specs[] = {
#define VARIABLE(name, initial, kind, description) {name, initial, VARIABLE_##kind, description, sizeof(name) - 1},
#include "server/session/variables.def"
#undef VARIABLE
};

#define SPEC_COUNT ((int) (sizeof specs / sizeof *specs))

struct Variables {
    char *values[SPEC_COUNT];
    char *start[SPEC_COUNT];
    char *before[SPEC_COUNT];   /* at BEGIN; NULL outside a transaction */
    char *nonlocal[SPEC_COUNT]; /* what COMMIT leaves, where SET LOCAL hides it; NULL: values */
    bool changed[SPEC_COUNT];
    bool any_changed;
    bool in_transaction;
    unsigned generation;
};

static int
spec_find(const char *name)
{
    if (strcasecmp(name, "time zone") == 0)
        name = "timezone";
    if (strcasecmp(name, "schema") == 0)
        name = "search_path";
    size_t size = strlen(name);
    for (int i = 0; i < SPEC_COUNT; i++)
        if (specs[i].name_size == size && strcasecmp(specs[i].name, name) == 0)
            return i;
    return -1;
}

Variables *
variables_new(void)
{
    Variables *variables = memory_calloc(1, sizeof *variables);
    for (int i = 0; i < SPEC_COUNT; i++) {
        variables->values[i] = memory_strdup(specs[i].initial);
        variables->start[i] = memory_strdup(specs[i].initial);
    }
    return variables;
}

void
variables_free(Variables *variables)
{
    for (int i = 0; i < SPEC_COUNT; i++) {
        free(variables->values[i]);
        free(variables->start[i]);
        free(variables->before[i]);
        free(variables->nonlocal[i]);
    }
    free(variables);
}

const char *
variable_get(const Variables *variables, const char *name)
{
    int i = spec_find(name);
    return i < 0 ? NULL : variables->values[i];
}

static void
assign(Variables *variables, int i, const char *value)
{
    if (strcmp(variables->values[i], value) == 0)
        return;
    char *copy = memory_strdup(value);
    free(variables->values[i]);
    variables->values[i] = copy;
    variables->changed[i] = true;
    variables->any_changed = true;
    variables->generation++;
}

/* ---- checks: each gives the form that is kept ---- */

static const char *
parse_bool(const char *value)
{
    static const char *const yes[] = {"on", "true", "yes", "1", "t", "y"};
    static const char *const no[] = {"off", "false", "no", "0", "f", "n"};
    for (size_t i = 0; i < 6; i++) {
        if (strcasecmp(value, yes[i]) == 0)
            return "on";
        if (strcasecmp(value, no[i]) == 0)
            return "off";
    }
    return NULL;
}

int64_t
bytes_parse(const char *text)
{
    static const struct {
        const char *unit;
        double bytes;
    } units[] = {{"", 1}, {"B", 1}, {"kB", 1024}, {"MB", 1048576.0}, {"GB", 1073741824.0}, {"TB", 1099511627776.0}};
    char *end;
    double number = strtod(text, &end);
    if (end == text || !(number >= 0))
        return -1;
    while (isspace((unsigned char) *end))
        end++;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcasecmp(end, units[i].unit) == 0)
            return number * units[i].bytes >= 1 && number * units[i].bytes < 9e18 ? (int64_t) (number * units[i].bytes)
                                                                                  : -1;
    }
    return -1;
}

int64_t
duration_parse_ms(const char *text)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || number < 0 || number > 9e15)
        return -1;
    while (isspace((unsigned char) *end))
        end++;
    static const struct {
        const char *unit;
        double ms;
    } units[] = {{"", 1},
                 {"us", 0.001},
                 {"ms", 1},
                 {"millisecond", 1},
                 {"milliseconds", 1},
                 {"s", 1000},
                 {"sec", 1000},
                 {"second", 1000},
                 {"seconds", 1000},
                 {"min", 60000},
                 {"m", 60000},
                 {"minute", 60000},
                 {"minutes", 60000},
                 {"h", 3600000},
                 {"hour", 3600000},
                 {"hours", 3600000},
                 {"d", 86400000},
                 {"day", 86400000},
                 {"days", 86400000}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcasecmp(end, units[i].unit) == 0)
            return (int64_t) (number * units[i].ms);
    return -1;
}

static void
duration_print(int64_t ms, char *out, size_t size)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}};
    if (ms == 0) {
        snprintf(out, size, "0");
        return;
    }
    for (size_t i = 0; i < 5; i++)
        if (ms % units[i].ms == 0) {
            snprintf(out, size, "%lld %s", (long long) (ms / units[i].ms), units[i].unit);
            return;
        }
}

static const char *
parse_isolation(const char *value)
{
    static const char *const levels[][2] = {{"strict serializable", "strict serializable"},
                                            {"serializable", "serializable"},
                                            {"strong session serializable", "strong session serializable"},
                                            {"read uncommitted", "serializable"},
                                            {"read committed", "serializable"},
                                            {"repeatable read", "serializable"},
                                            {"snapshot isolation", "serializable"}};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strcasecmp(value, levels[i][0]) == 0)
            return levels[i][1];
    return NULL;
}

/* The words that a setting may have, and those that it understands besides. */
static const struct {
    const char *name, *words, *hidden;
} enums[] = {
    {"backslash_quote", "safe_encoding, on, off", "true, false, yes, no, 1, 0"},
    {"client_min_messages", "debug5, debug4, debug3, debug2, debug1, log, notice, warning, error",
     "debug, info, fatal, panic"},
    {"xmlbinary", "base64, hex", ""},
    {"xmloption", "content, document", ""},
};

/* Whether `word` is in "a, b, c", letter case aside; the spelling of the list goes to `kept`. */
static bool
is_listed(const char *list, const char *word, char *kept)
{
    size_t size = strlen(word);
    for (const char *at = list; *at != '\0' && size > 0;) {
        size_t length = strcspn(at, ",");
        if (length == size && strncasecmp(at, word, size) == 0) {
            memcpy(kept, at, size);
            kept[size] = '\0';
            return true;
        }
        at += length + strspn(at + length, ", ");
    }
    return false;
}

static bool
check_enum(const char *name, const char *value, char *kept, Error *err)
{
    size_t i = 0;
    while (strcmp(enums[i].name, name) != 0)
        i++;
    if (is_listed(enums[i].words, value, kept))
        return true;
    if (is_listed(enums[i].hidden, value, kept)) {
        const char *canonical = strcmp(kept, "debug") == 0 ? "debug2" : parse_bool(kept);
        if (canonical != NULL)
            strcpy(kept, canonical);
        return true;
    }
    error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid value for parameter \"%s\": \"%s\"", name, value);
    return error_hint(err, "Available values: %s.", enums[i].words);
}

static bool
bad_value(Error *err, const char *name, const char *value)
{
    return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid value for parameter \"%s\": \"%s\"", name, value);
}

static bool
check_value(const VariableSpec *spec, const char *value, char *kept, size_t size, Error *err)
{
    const char *canonical = value;
    char *end;
    switch (spec->kind) {
    case VARIABLE_TEXT:
    case VARIABLE_LIST:
        break;
    case VARIABLE_BOOL:
        canonical = parse_bool(value);
        if (canonical == NULL)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "parameter \"%s\" requires a \"boolean\" value",
                             spec->name);
        break;
    case VARIABLE_INTEGER:
        (void) strtol(value, &end, 10);
        if (*value == '\0' || *end != '\0')
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "parameter \"%s\" requires a \"integer\" value",
                             spec->name);
        break;
    case VARIABLE_FLOAT_DIGITS: {
        long digits = strtol(value, &end, 10);
        if (*value == '\0' || *end != '\0')
            return bad_value(err, spec->name, value);
        if (digits < -15 || digits > 3)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE,
                             "%ld is outside the valid range for parameter \"%s\" (-15 .. 3)", digits, spec->name);
        snprintf(kept, size, "%ld", digits);
        return true;
    }
    case VARIABLE_ENUM:
        return check_enum(spec->name, value, kept, err);
    case VARIABLE_DURATION:
        if (duration_parse_ms(value) < 0)
            return bad_value(err, spec->name, value);
        duration_print(duration_parse_ms(value), kept, size);
        return true;
    case VARIABLE_BYTES:
        if (bytes_parse(value) < 0)
            return bad_value(err, spec->name, value);
        break;
    case VARIABLE_FIXED:
        if (strcasecmp(value, spec->initial) != 0)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "parameter \"%s\" can only be set to \"%s\"",
                             spec->name, spec->initial);
        canonical = spec->initial;
        break;
    case VARIABLE_READ_ONLY:
        return error_set(err, SQLSTATE_CANT_CHANGE_RUNTIME_PARAM, "parameter \"%s\" cannot be changed", spec->name);
    case VARIABLE_TIME_ZONE: {
        Error zone = ERROR_INIT;
        bool ok = zone_check(slice_of(value), &zone);
        error_clear(&zone);
        if (!ok)
            return bad_value(err, spec->name, value);
        if (strcasecmp(value, "utc") == 0)
            canonical = "UTC";
        break;
    }
    case VARIABLE_ISOLATION:
        canonical = parse_isolation(value);
        if (canonical == NULL)
            return bad_value(err, spec->name, value);
        break;
    case VARIABLE_ENCODING:
        if (strcasecmp(value, "utf8") != 0 && strcasecmp(value, "utf-8") != 0 && strcasecmp(value, "unicode") != 0)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "parameter \"%s\" can only be set to \"UTF8\"",
                             spec->name);
        canonical = "UTF8";
        break;
    case VARIABLE_DATE_STYLE:
        if (strncasecmp(value, "iso", 3) != 0 && strcasecmp(value, "mdy") != 0 && strcasecmp(value, "default") != 0)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "parameter \"%s\" can only be set to \"ISO, MDY\"",
                             spec->name);
        canonical = "ISO, MDY";
        break;
    }
    if (strlen(canonical) >= size)
        return bad_value(err, spec->name, value);
    strcpy(kept, canonical);
    return true;
}

bool
variable_set(Variables *variables, const char *name, const char *value, bool local, Error *err)
{
    int i = spec_find(name);
    char kept[4096];
    if (i < 0)
        return error_set(err, SQLSTATE_UNDEFINED_OBJECT, "unrecognized configuration parameter \"%s\"", name);
    if (!check_value(&specs[i], value, kept, sizeof kept, err))
        return false;
    if (local) {
        if (!variables->in_transaction)
            return true; /* gone with the statement's own transaction */
        if (variables->nonlocal[i] == NULL)
            variables->nonlocal[i] = memory_strdup(variables->values[i]);
    } else {
        free(variables->nonlocal[i]);
        variables->nonlocal[i] = NULL;
    }
    assign(variables, i, kept);
    return true;
}

void
variable_force(Variables *variables, const char *name, const char *value)
{
    int i = spec_find(name);
    if (i < 0)
        bug("no variable %s", name);
    assign(variables, i, value);
    free(variables->start[i]);
    variables->start[i] = memory_strdup(value);
}

bool
variable_reset(Variables *variables, const char *name, Error *err)
{
    int i = spec_find(name);
    if (i < 0)
        return error_set(err, SQLSTATE_UNDEFINED_OBJECT, "unrecognized configuration parameter \"%s\"", name);
    if (specs[i].kind == VARIABLE_READ_ONLY)
        return error_set(err, SQLSTATE_CANT_CHANGE_RUNTIME_PARAM, "parameter \"%s\" cannot be changed", specs[i].name);
    assign(variables, i, variables->start[i]);
    return true;
}

void
variables_reset_all(Variables *variables)
{
    for (int i = 0; i < SPEC_COUNT; i++)
        assign(variables, i, variables->start[i]);
}

void
variables_mark_start(Variables *variables)
{
    for (int i = 0; i < SPEC_COUNT; i++) {
        free(variables->start[i]);
        variables->start[i] = memory_strdup(variables->values[i]);
    }
}

void
variables_begin(Variables *variables)
{
    variables->in_transaction = true;
    for (int i = 0; i < SPEC_COUNT; i++) {
        free(variables->before[i]);
        variables->before[i] = memory_strdup(variables->values[i]);
    }
}

static void
variables_end(Variables *variables)
{
    variables->in_transaction = false;
    for (int i = 0; i < SPEC_COUNT; i++) {
        free(variables->before[i]);
        free(variables->nonlocal[i]);
        variables->before[i] = variables->nonlocal[i] = NULL;
    }
}

void
variables_commit(Variables *variables)
{
    for (int i = 0; i < SPEC_COUNT; i++)
        if (variables->nonlocal[i] != NULL)
            assign(variables, i, variables->nonlocal[i]);
    variables_end(variables);
}

void
variables_rollback(Variables *variables)
{
    for (int i = 0; i < SPEC_COUNT; i++)
        if (variables->before[i] != NULL)
            assign(variables, i, variables->before[i]);
    variables_end(variables);
}

bool
variable_at(const Variables *variables, int index, const char **name, const char **value, const char **description)
{
    if (index >= SPEC_COUNT)
        return false;
    *name = specs[index].name;
    *value = variables->values[index];
    *description = specs[index].description;
    return true;
}

const char *
variable_reported_at(int index)
{
    static const char *const names[] = {"application_name",
                                        "client_encoding",
                                        "DateStyle",
                                        "integer_datetimes",
                                        "server_version",
                                        "server_encoding",
                                        "is_superuser",
                                        "session_authorization",
                                        "standard_conforming_strings",
                                        "TimeZone",
                                        "IntervalStyle",
                                        "cluster",
                                        "cluster_replica",
                                        "database",
                                        "search_path",
                                        "mz_version"};
    return index < (int) (sizeof names / sizeof *names) ? names[index] : NULL;
}

bool
variables_take_any_changed(Variables *variables)
{
    bool any = variables->any_changed;
    variables->any_changed = false;
    return any;
}

bool
variable_take_changed(Variables *variables, const char *name)
{
    int i = spec_find(name);
    bool changed = i >= 0 && variables->changed[i];
    if (changed)
        variables->changed[i] = false;
    return changed;
}

unsigned
variables_generation(const Variables *variables)
{
    return variables->generation;
}
