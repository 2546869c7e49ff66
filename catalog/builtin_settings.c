/*
 * What pg_settings says of each setting: the part that never changes.
 */
#include "catalog/builtin.h"
#include "catalog/catalog_internal.h"
#include "types/array.h"

enum { ENUM_VALUES_MAX = 16 };

static const struct {
    const char *name, *initial, *unit, *category, *description, *context, *type, *smallest, *largest, *values;
} settings[] = {
#define SETTING(name, initial, unit, category, description, context, type, smallest, largest, values)                  \
    {name, initial, unit, category, description, context, type, smallest, largest, values},
#include "catalog/builtin/settings.def"
#undef SETTING
};

const char *
builtin_setting_at(size_t index)
{
    return index < sizeof settings / sizeof *settings ? settings[index].name : NULL;
}

static Datum
text_or_null(const char *text)
{
    return text[0] == '\0' ? DATUM_NULL : datum_text(text);
}

/* How many bytes a unit is; 0: it is not one of bytes. */
static int64_t
unit_bytes(const char *unit)
{
    return strcmp(unit, "B") == 0 ? 1 : strcmp(unit, "kB") == 0 ? 1024 : strcmp(unit, "8kB") == 0 ? 8192 : 0;
}

/* "a,b,c" as text[]. */
static Datum
values_array(const char *values, Arena *arena)
{
    Datum items[ENUM_VALUES_MAX];
    int count = 0;
    for (const char *at = values; *at != '\0' && count < ENUM_VALUES_MAX;) {
        size_t size = strcspn(at, ",");
        items[count++] = datum_text(arena_strndup(arena, at, size));
        at += size + (at[size] == ',');
    }
    return count == 0 ? DATUM_NULL : datum_bytes(array_make_vector(SQL_TYPE(TEXT), items, count, arena));
}

void
rows_of_settings(RowSink *sink)
{
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        Datum row[] = {datum_text(settings[i].name),           datum_text(settings[i].initial),
                       text_or_null(settings[i].unit),         datum_int(unit_bytes(settings[i].unit)),
                       datum_text(settings[i].category),       datum_text(settings[i].description),
                       datum_text(settings[i].context),        datum_text(settings[i].type),
                       text_or_null(settings[i].smallest),     text_or_null(settings[i].largest),
                       values_array(settings[i].values, arena)};
        row_sink_add(sink, "mz_internal", "mz_setting_details", row, 1);
    }
    arena_free(arena);
}
