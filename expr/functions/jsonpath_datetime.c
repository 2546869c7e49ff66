#include <ctype.h>

#include "expr/functions/jsonpath_exec.h"
#include "types/datetime.h"
#include "types/text_format.h"

/* The values of .datetime(). */

typedef struct Reader {
    const char *at, *end;
} Reader;

static bool
read_char(Reader *reader, char c)
{
    if (reader->at == reader->end || *reader->at != c)
        return false;
    reader->at++;
    return true;
}

static void
skip_spaces(Reader *reader)
{
    while (reader->at < reader->end && isspace((unsigned char) *reader->at))
        reader->at++;
}

/* Up to `most` digits; false: there is none. */
static bool
read_digits(Reader *reader, int most, int *value)
{
    int count = 0;
    *value = 0;
    for (; count < most && reader->at < reader->end && isdigit((unsigned char) *reader->at); count++)
        *value = *value * 10 + (*reader->at++ - '0');
    return count > 0;
}

static bool
read_date(Reader *reader, Buffer *out)
{
    int year, month, day;
    if (!read_digits(reader, 6, &year) || !read_char(reader, '-') || !read_digits(reader, 2, &month) ||
        !read_char(reader, '-') || !read_digits(reader, 2, &day))
        return false;
    buffer_printf(out, "%04d-%02d-%02d", year, month, day);
    return true;
}

static bool
read_time(Reader *reader, Buffer *out)
{
    int hour, minute, second;
    if (!read_digits(reader, 2, &hour) || !read_char(reader, ':') || !read_digits(reader, 2, &minute) ||
        !read_char(reader, ':') || !read_digits(reader, 2, &second))
        return false;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    buffer_printf(out, "%02d:%02d:%02d", hour, minute, second);
    if (read_char(reader, '.')) {
        const char *start = reader->at;
        while (reader->at < reader->end && isdigit((unsigned char) *reader->at))
            reader->at++;
        if (reader->at == start)
            return false;
        buffer_printf(out, ".%.*s", (int) (reader->at - start), start);
    }
    return true;
}

static bool
read_zone(Reader *reader, Buffer *out, int32_t *seconds_east)
{
    int hours, minutes = 0;
    bool minus = reader->at < reader->end && *reader->at == '-';
    if (!read_char(reader, minus ? '-' : '+') || !read_digits(reader, 2, &hours))
        return false;
    if (read_char(reader, ':') && !read_digits(reader, 2, &minutes))
        return false;
    if (hours > 15 || minutes > 59)
        return false;
    *seconds_east = (hours * 3600 + minutes * 60) * (minus ? -1 : 1);
    buffer_printf(out, "%c%02d:%02d", minus ? '-' : '+', hours, minutes);
    return true;
}

static bool
read_any(Reader *reader, Buffer *out, PathValue *value)
{
    skip_spaces(reader);
    const char *start = reader->at;
    bool dated = read_date(reader, out), timed = !dated;
    if (dated) {
        bool apart = reader->at < reader->end && *reader->at == 'T' ? read_char(reader, 'T') : read_char(reader, ' ');
        timed = apart;
        if (apart) {
            skip_spaces(reader);
            buffer_append_char(out, ' ');
        }
    } else {
        buffer_clear(out);
        reader->at = start;
    }
    value->type = SQL_TYPE(DATE);
    if (!timed)
        return reader->at == reader->end;
    if (!read_time(reader, out))
        return false;
    const char *blanks = reader->at;
    skip_spaces(reader);
    if (reader->at > blanks && reader->at < reader->end && *reader->at == '-')
        return false; /* PostgreSQL takes it for a separator */
    value->type = dated ? SQL_TYPE(TIMESTAMP) : SQL_TYPE(TIME);
    if (reader->at == reader->end)
        return true;
    value->type = dated ? SQL_TYPE(TIMESTAMPTZ) : SQL_TYPE(TIMETZ);
    return read_zone(reader, out, &value->zone_seconds_east) && reader->at == reader->end;
}

bool
path_datetime_read(Slice text, const TextStyle *style, Arena *arena, PathValue *value)
{
    Reader reader = {text.bytes, text.bytes + text.size};
    Buffer normal = {0};
    Error ignored = ERROR_INIT;
    bool fine = read_any(&reader, &normal, value) &&
                datum_parse(value->type, buffer_slice(&normal), style, arena, &value->datum, &ignored);
    error_clear(&ignored);
    buffer_deinit(&normal);
    return fine;
}

const char *
path_datetime_type(SqlType type)
{
    switch (type.id) {
    case TYPE_DATE:
        return "date";
    case TYPE_TIME:
        return "time without time zone";
    case TYPE_TIMETZ:
        return "time with time zone";
    case TYPE_TIMESTAMP:
        return "timestamp without time zone";
    default:
        return "timestamp with time zone";
    }
}

static void
append_zone(int32_t seconds_east, Buffer *out)
{
    int32_t size = seconds_east < 0 ? -seconds_east : seconds_east;
    buffer_printf(out, "%c%02d:%02d", seconds_east < 0 ? '-' : '+', size / 3600, size / 60 % 60);
}

void
path_datetime_print(const PathValue *value, Buffer *out)
{
    size_t start = out->size;
    switch (value->type.id) {
    case TYPE_TIMETZ:
        datum_print(SQL_TYPE(TIME), datum_int(value->datum.timetz.microseconds), NULL, out);
        append_zone(-value->datum.timetz.zone_seconds_west, out);
        return;
    case TYPE_TIMESTAMPTZ:
        datum_print(SQL_TYPE(TIMESTAMP), datum_int(value->datum.i + value->zone_seconds_east * US_PER_SECOND), NULL,
                    out);
        append_zone(value->zone_seconds_east, out);
        break;
    default:
        datum_print(value->type, value->datum, NULL, out);
    }
    char *blank = value->type.id == TYPE_DATE ? NULL : memchr(out->bytes + start, ' ', out->size - start);
    if (blank != NULL)
        *blank = 'T';
}

/* ---- order */

static bool
has_date(SqlType type)
{
    return type.id != TYPE_TIME && type.id != TYPE_TIMETZ;
}

static bool
has_zone(SqlType type)
{
    return type.id == TYPE_TIMETZ || type.id == TYPE_TIMESTAMPTZ;
}

static bool
zone_unwanted(const PathValue *a, const PathValue *b, Error *err)
{
    const PathValue *bare = has_zone(a->type) ? b : a, *zoned = has_zone(a->type) ? a : b;
    (void) error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot convert value from %s to %s without time zone usage",
                     type_pg_name(bare->type), type_pg_name(zoned->type));
    return error_hint(err, "Use *_tz() function for time zone support.");
}

/* As a timestamp, with `zoned` in UTC. */
static bool
as_timestamp(const PathValue *value, bool zoned, Slice zone, int64_t *timestamp, Error *err)
{
    *timestamp = value->datum.i;
    if (value->type.id == TYPE_DATE && !date_to_timestamp((int32_t) value->datum.i, timestamp, err))
        return false;
    return !zoned || has_zone(value->type) || timestamp_from_zone(*timestamp, zone, timestamp, err);
}

/* A time of day gets the zone that the session is in now. */
static bool
as_timetz(const PathValue *value, const TextStyle *style, Slice zone, Datum *out, Error *err)
{
    *out = value->datum;
    if (value->type.id == TYPE_TIMETZ)
        return true;
    int64_t local;
    if (!timestamp_to_zone(style->now_us, zone, &local, err))
        return false;
    *out = (Datum){.timetz = {.microseconds = value->datum.i,
                              .zone_seconds_west = (int32_t) ((style->now_us - local) / US_PER_SECOND)}};
    return true;
}

bool
path_datetime_compare(const PathValue *a, const PathValue *b, bool uses_zone, const TextStyle *style, bool *comparable,
                      int *order, Error *err)
{
    Slice zone = slice_of(style->time_zone == NULL ? "UTC" : style->time_zone);
    *order = 0;
    *comparable = has_date(a->type) == has_date(b->type);
    if (!*comparable)
        return true;
    bool zoned = has_zone(a->type) || has_zone(b->type);
    if (has_zone(a->type) != has_zone(b->type) && !uses_zone)
        return zone_unwanted(a, b, err);
    if (!has_date(a->type) && zoned) {
        Datum x, y;
        if (!as_timetz(a, style, zone, &x, err) || !as_timetz(b, style, zone, &y, err))
            return false;
        *order = datum_compare(SQL_TYPE(TIMETZ), x, y);
        return true;
    }
    int64_t x = a->datum.i, y = b->datum.i;
    if (has_date(a->type) && (!as_timestamp(a, zoned, zone, &x, err) || !as_timestamp(b, zoned, zone, &y, err)))
        return false;
    *order = (x > y) - (x < y);
    return true;
}
