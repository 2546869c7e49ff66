/*
 * datetime_read.h -- dates and times of any form that PostgreSQL reads, field by field. Private to types/.
 */
#ifndef FRESHET_TYPES_DATETIME_READ_H
#define FRESHET_TYPES_DATETIME_READ_H

#include "types/datetime_fields.h"

/* What is known of a date or time so far, and in the end. Zeroed but for `in` before reading. */
typedef struct DateState {
    const TextInput *in;
    const Field *fields;
    int field_count;
    bool time_only; /* for time and timetz: dates are tolerated, not wanted */

    unsigned have; /* parts read so far */
    unsigned read; /* parts that the field at hand gave */
    CivilTime civil;
    int day_of_year;
    int west; /* seconds, when HAVE_ZONE and no zone below */
    const Zone *zone;
    const char *abbreviation; /* with zone: look this up there */
    const char *unknown_zone;
    TimeUnit unit; /* the field before was this word: y, m, d, h, mm, s, j or t (as UNIT_UNKNOWN with iso_time) */
    bool iso_time;
    bool two_digit_year, julian, text_month, before_christ;
    int ampm;    /* -1 none, 0 am, 1 pm */
    int special; /* Reserved: epoch and the infinities, or -1 */
} DateState;

/* A date with or without a time. */
TimeStatus date_state_read(DateState *state, Fields *fields);
/* A time with or without a zone; a date beside it is tolerated. */
TimeStatus date_state_read_time(DateState *state, Fields *fields);

#endif
