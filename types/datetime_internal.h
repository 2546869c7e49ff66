/*
 * datetime_internal.h -- what the files about dates and times share. Private to types/.
 *
 * Zone offsets are seconds east of Greenwich. A Zone, once found, lives as long as the process and never changes;
 * any thread may use it.
 */
#ifndef FRESHET_TYPES_DATETIME_INTERNAL_H
#define FRESHET_TYPES_DATETIME_INTERNAL_H

#include "types/datetime.h"

#define SECONDS_PER_DAY INT64_C(86400)
#define US_PER_MINUTE   INT64_C(60000000)
#define US_PER_HOUR     INT64_C(3600000000)
#define JULIAN_OF_2000  2451545                       /* the Julian day of 2000-01-01 */
#define DATE_MIN        (-JULIAN_OF_2000)             /* 4714-11-24 BC */
#define DATE_END        (2147483494 - JULIAN_OF_2000) /* the day after 5874897-12-31 */
#define TIMESTAMP_MIN   INT64_C(-211813488000000000)  /* 4714-11-24 BC */
#define TIMESTAMP_END   INT64_C(9223371331200000000)  /* the first instant of 294277 */
#define EPOCH_DATE      (-10957)                      /* 1970-01-01 */

static inline int64_t
floor_div(int64_t a, int64_t b) /* b > 0 */
{
    return a / b - (a % b < 0);
}

static inline bool
timestamp_is_finite(int64_t timestamp)
{
    return timestamp != TIMESTAMP_INFINITY && timestamp != TIMESTAMP_MINUS_INFINITY;
}

static inline bool
timestamp_in_range(int64_t timestamp)
{
    return timestamp >= TIMESTAMP_MIN && timestamp < TIMESTAMP_END;
}

static inline bool
year_is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in_month(int year, int month);
/* Whether the month is one that day numbers can be computed in: 4714-11 BC to 5874898-05. */
bool date_civil_in_range(int64_t year, int month);

/* The parts of a timestamp without checks of its range. */
void timestamp_split(int64_t timestamp, CivilTime *civil);
/* false: out of range; the wide one takes what fits in 64 bits */
bool timestamp_join(const CivilTime *civil, int64_t *timestamp);
bool timestamp_join_wide(const CivilTime *civil, int64_t *timestamp);

int date_iso_week(int32_t date, int *iso_year); /* 1..53 */
int date_weekday(int32_t date);                 /* 0 is Sunday */
int date_yearday(int32_t date);                 /* 1..366 */

typedef struct Zone Zone;

/* By a name of the tz database (any case) or a POSIX TZ string; NULL when there is none. */
const Zone *zone_find(Slice name);
/* The zone of a session: `name` may be NULL (UTC), or a plain number: hours east. Never NULL: unknown is UTC. */
const Zone *zone_of_session(const char *name);
/*
 * Seconds east of the zone that SQL names, abbreviations included, at `seconds` since 1970: an instant, or the time on
 * the wall when `local`. Sets 22023.
 */
MUST_CHECK bool zone_offset_for_sql(Slice name, int64_t seconds, bool local, int *east, Error *err);

/* Offset at an instant (seconds since 1970 UTC). `abbreviation` and `is_dst` may be NULL. */
int zone_offset_at(const Zone *zone, int64_t utc_seconds, bool *is_dst, const char **abbreviation);
/* Offset of a local time (seconds since 1970 as the clock on the wall has it), gaps and overlaps as PostgreSQL. */
int zone_offset_of_local(const Zone *zone, int64_t local_seconds);
/* Offset that `abbreviation` (upper or lower case) meant in the zone at a local time; false: it was never used there. */
bool zone_abbreviation_offset(const Zone *zone, Slice abbreviation, int64_t local_seconds, int *east);
bool zone_is_fixed(const Zone *zone, int *east); /* has had one offset for ever */

/* Abbreviations that dates may carry: a fixed offset, or the zone that decides. `word` is lower case. */
typedef struct ZoneAbbreviation {
    const char *word;
    int east;
    bool is_dst;
    const char *zone; /* or NULL */
} ZoneAbbreviation;

const ZoneAbbreviation *zone_abbreviation_find(Slice word);

/* timestamptz -> the local civil time in `zone`; returns the offset. */
int timestamptz_split(int64_t timestamp, const Zone *zone, CivilTime *civil, const char **abbreviation);
/* The local time in `zone` as a timestamp -> UTC. May leave the range of timestamps; callers check. */
int64_t timestamp_local_to_utc(int64_t local, const Zone *zone);

/* Seconds since 1970 of a timestamp, floored. */
static inline int64_t
timestamp_unix_seconds(int64_t timestamp)
{
    return floor_div(timestamp, US_PER_SECOND) + EPOCH_SHIFT_US / US_PER_SECOND;
}

/* Units as extract, date_trunc and the like know them. */
typedef enum TimeUnit {
    UNIT_UNKNOWN,
    UNIT_MICROSECOND,
    UNIT_MILLISECOND,
    UNIT_SECOND,
    UNIT_MINUTE,
    UNIT_HOUR,
    UNIT_DAY,
    UNIT_WEEK,
    UNIT_MONTH,
    UNIT_QUARTER,
    UNIT_YEAR,
    UNIT_DECADE,
    UNIT_CENTURY,
    UNIT_MILLENNIUM,
    UNIT_JULIAN,
    UNIT_ISOYEAR,
    UNIT_DOW,
    UNIT_ISODOW,
    UNIT_DOY,
    UNIT_TIMEZONE,
    UNIT_TIMEZONE_HOUR,
    UNIT_TIMEZONE_MINUTE,
    UNIT_EPOCH,
} TimeUnit;

TimeUnit time_unit_find(Slice name);        /* extract's units: interval's and the fields of dates */
TimeUnit time_unit_of_interval(Slice name); /* what follows a number in an interval, lower case */

#endif
