/*
 * datetime_fields.h -- the words and numbers that a text about time is made of. Private to types/.
 *
 * A text is first cut into fields by the look of their characters alone; what a field means is decided by those
 * before it (dates) or after it (intervals).
 */
#ifndef FRESHET_TYPES_DATETIME_FIELDS_H
#define FRESHET_TYPES_DATETIME_FIELDS_H

#include "types/datetime_internal.h"
#include "types/text_internal.h"

#define FIELD_COUNT_MAX 25
#define FIELD_BYTES_MAX (128 + FIELD_COUNT_MAX)

typedef enum FieldKind {
    FIELD_NUMBER,  /* 12, 2001.360 */
    FIELD_DATE,    /* 2001-02-16, america/new_york: joined by -, / or . */
    FIELD_TIME,    /* 12:30:00.5 */
    FIELD_ZONE,    /* +05:30: a sign and digits */
    FIELD_WORD,    /* letters, in lower case */
    FIELD_SPECIAL, /* a sign and letters */
} FieldKind;

typedef struct Field {
    FieldKind kind;
    char *text; /* NUL-terminated */
} Field;

typedef struct Fields {
    Field items[FIELD_COUNT_MAX];
    int count;
    char bytes[FIELD_BYTES_MAX + 2];
} Fields;

typedef enum TimeStatus {
    TIME_OK,
    TIME_BAD,               /* 22007 */
    TIME_OVERFLOW,          /* 22008 */
    TIME_DAY_OVERFLOW,      /* 22008, with a hint at the order of the fields */
    TIME_INTERVAL_OVERFLOW, /* 22015 */
    TIME_ZONE_OVERFLOW,     /* 22009 */
    TIME_ZONE_UNKNOWN,      /* 22023, names the zone */
} TimeStatus;

typedef enum WordKind {
    WORD_UNKNOWN,
    WORD_IGNORED,
    WORD_RESERVED, /* value: Reserved */
    WORD_MONTH,    /* value: 1..12 */
    WORD_WEEKDAY,
    WORD_DST,      /* "dst" adds an hour to the zone before it */
    WORD_AMPM,     /* value: 0 am, 1 pm */
    WORD_ERA,      /* value: 0 AD, 1 BC */
    WORD_UNIT,     /* value: TimeUnit */
    WORD_ISO_TIME, /* t */
    WORD_AGO,
} WordKind;

typedef enum Reserved {
    RESERVED_NOW,
    RESERVED_TODAY,
    RESERVED_TOMORROW,
    RESERVED_YESTERDAY,
    RESERVED_ZULU,
    RESERVED_EPOCH,
    RESERVED_INFINITY,
    RESERVED_MINUS_INFINITY,
} Reserved;

TimeStatus fields_split(Slice text, Fields *fields);
WordKind date_word_find(const char *word, int *value);     /* words of dates */
WordKind interval_word_find(const char *word, int *value); /* words of intervals */

/* Like strtol of base 10 into 32 or 64 bits; false: out of range. `*end` is where it stopped. */
bool field_int(const char *text, const char **end, int *value);
bool field_int64(const char *text, const char **end, int64_t *value);

/* ".5", the whole rest of a field, to microseconds. */
TimeStatus field_fraction(const char *text, int *microseconds);

/* hh:mm[:ss[.f]], or mm:ss.f; `minute_to_second`: two parts are mm:ss. */
typedef struct ClockTime {
    int64_t hour;
    int minute, second, microsecond;
} ClockTime;
TimeStatus field_clock(const char *text, bool minute_to_second, ClockTime *clock);

bool time_status_error(TimeStatus status, const char *type_name, Slice text, const char *zone, Error *err);

#endif
