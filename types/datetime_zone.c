/*
 * Time zones, from the tz database: TZif files (RFC 8536) and POSIX TZ strings (a rule as in "EST5EDT,M3.2.0,M11.1.0").
 *
 * Zones are found through a map behind a lock and are never freed. A thread remembers the zone it used last, so that
 * printing rows takes no lock.
 */
#include "types/datetime_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "types/text_internal.h"

#define ZONE_DIRECTORY     "/usr/share/zoneinfo"
#define ZONE_NAME_MAX      255
#define ZONE_FILE_MAX      (1 << 20)
#define ZONE_COUNT_MAX     10000 /* more distinct zones than this are not remembered but refused */
#define FOOTER_YEARS_UNTIL 2100  /* transitions by the rule are laid out up to here, computed after it */

typedef enum RuleKind { RULE_JULIAN, RULE_DAY, RULE_WEEKDAY } RuleKind;

/* When a change happens each year: at `second` (may be negative or beyond a day) of local time of that day. */
typedef struct Rule {
    RuleKind kind;
    int month, week, day;
    int second;
} Rule;

typedef struct ZoneType {
    int east;
    bool is_dst;
    const char *abbreviation;
} ZoneType;

/* A TZ string: one type, or two with the rules for changing between them. */
typedef struct Posix {
    ZoneType standard, daylight;
    bool has_daylight;
    Rule start, end; /* of daylight saving time */
} Posix;

typedef struct Transition {
    int64_t at; /* seconds since 1970 UTC */
    ZoneType type;
} Transition;

struct Zone {
    ZoneType first; /* before the first transition */
    Transition *transitions;
    size_t count;
    bool has_footer; /* what holds after the last transition */
    Posix footer;
};

static const Zone utc_zone = {.first = {0, false, "UTC"}};

static struct {
    pthread_mutex_t lock;
    Map *zones; /* lower-case name -> Zone */
    Arena *arena;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- POSIX TZ strings --- */

static bool
posix_number(const char **at, int max, int *out)
{
    int value = 0;
    if (!is_digit(**at))
        return false;
    for (; is_digit(**at); (*at)++) {
        value = value * 10 + (**at - '0');
        if (value > max)
            return false;
    }
    *out = value;
    return true;
}

/* [+-]hh[:mm[:ss]] */
static bool
posix_time(const char **at, int *seconds)
{
    bool negative = **at == '-';
    int hours, minutes = 0, rest = 0;
    if (**at == '-' || **at == '+')
        (*at)++;
    if (!posix_number(at, 167, &hours))
        return false;
    if (**at == ':') {
        (*at)++;
        if (!posix_number(at, 59, &minutes))
            return false;
        if (**at == ':') {
            (*at)++;
            if (!posix_number(at, 60, &rest))
                return false;
        }
    }
    *seconds = hours * 3600 + minutes * 60 + rest;
    if (negative)
        *seconds = -*seconds;
    return true;
}

static bool
posix_name(const char **at, Arena *arena, const char **name)
{
    const char *start = *at;
    if (*start == '<') {
        const char *end = strchr(++start, '>');
        if (end == NULL)
            return false;
        *name = arena_strndup(arena, start, (size_t) (end - start));
        *at = end + 1;
        return true;
    }
    while (**at != 0 && !is_digit(**at) && **at != ',' && **at != '-' && **at != '+')
        (*at)++;
    *name = arena_strndup(arena, start, (size_t) (*at - start));
    return true;
}

static bool
posix_rule(const char **at, Rule *rule)
{
    *rule = (Rule){.kind = RULE_DAY, .second = 2 * 3600};
    if (**at == 'J') {
        (*at)++;
        rule->kind = RULE_JULIAN;
        if (!posix_number(at, 365, &rule->day) || rule->day < 1)
            return false;
    } else if (**at == 'M') {
        (*at)++;
        rule->kind = RULE_WEEKDAY;
        if (!posix_number(at, 12, &rule->month) || rule->month < 1 || *(*at)++ != '.' ||
            !posix_number(at, 5, &rule->week) || rule->week < 1 || *(*at)++ != '.' || !posix_number(at, 6, &rule->day))
            return false;
    } else if (!posix_number(at, 365, &rule->day)) {
        return false;
    }
    if (**at != '/')
        return true;
    (*at)++;
    return posix_time(at, &rule->second);
}

static bool
posix_parse(const char *at, Arena *arena, Posix *posix)
{
    int west;
    *posix = (Posix){.has_daylight = false};
    if (*at == 0 || !posix_name(&at, arena, &posix->standard.abbreviation) || !posix_time(&at, &west))
        return false;
    posix->standard.east = -west;
    if (*at == 0)
        return true;
    posix->has_daylight = true;
    posix->daylight.is_dst = true;
    if (!posix_name(&at, arena, &posix->daylight.abbreviation) || posix->daylight.abbreviation[0] == 0)
        return false;
    posix->daylight.east = posix->standard.east + 3600;
    if (*at != 0 && *at != ',' && *at != ';') {
        if (!posix_time(&at, &west))
            return false;
        posix->daylight.east = -west;
    }
    if (*at == 0)
        at = ",M3.2.0,M11.1.0";
    if (*at != ',' && *at != ';')
        return false;
    at++;
    return posix_rule(&at, &posix->start) && *at++ == ',' && posix_rule(&at, &posix->end) && *at == 0;
}

/* Seconds since 1970 on the wall at which the rule strikes in `year`. */
static int64_t
rule_local_seconds(const Rule *rule, int year)
{
    int32_t date = date_from_civil(year, 1, 1);
    switch (rule->kind) {
    case RULE_JULIAN:
        date += rule->day - 1 + (year_is_leap(year) && rule->day >= 60);
        break;
    case RULE_DAY:
        date += rule->day;
        break;
    case RULE_WEEKDAY: {
        int32_t first = date_from_civil(year, rule->month, 1);
        int day = (rule->day - date_weekday(first) + 7) % 7 + (rule->week - 1) * 7;
        while (day >= days_in_month(year, rule->month))
            day -= 7;
        date = first + day;
        break;
    }
    }
    return ((int64_t) date - EPOCH_DATE) * SECONDS_PER_DAY + rule->second;
}

/* The two changes of `year`, in order of time. */
static void
posix_transitions(const Posix *posix, int year, Transition out[2])
{
    Transition start = {rule_local_seconds(&posix->start, year) - posix->standard.east, posix->daylight};
    Transition end = {rule_local_seconds(&posix->end, year) - posix->daylight.east, posix->standard};
    bool in_order = start.at <= end.at;
    out[0] = in_order ? start : end;
    out[1] = in_order ? end : start;
}

/* The type at an instant by the rule alone, and the change after it (at INT64_MAX when there is none). */
static ZoneType
posix_type_at(const Posix *posix, int64_t utc, Transition *next)
{
    next->at = INT64_MAX;
    next->type = posix->standard;
    if (!posix->has_daylight)
        return posix->standard;
    int64_t days = floor_div(utc, SECONDS_PER_DAY) + EPOCH_DATE;
    /* Beyond the range of dates the calendar repeats every 400 years. */
    int64_t cycles = days > INT32_MAX / 2 || days < INT32_MIN / 2 ? floor_div(days, 146097) : 0;
    int64_t shift = cycles * 146097 * SECONDS_PER_DAY;
    int year, month, day;
    date_to_civil((int32_t) (days - cycles * 146097), &year, &month, &day);
    ZoneType type = posix->standard;
    for (int y = year - 1; y <= year + 1; y++) {
        Transition changes[2];
        posix_transitions(posix, y, changes);
        for (int i = 0; i < 2; i++) {
            changes[i].at += shift;
            if (changes[i].at > utc) {
                *next = changes[i];
                return type;
            }
            type = changes[i].type;
        }
    }
    return type;
}

/* --- TZif files --- */

typedef struct TzifCounts {
    uint32_t ut, std, leap, times, types, chars;
} TzifCounts;

static bool
tzif_header(Slice file, size_t at, TzifCounts *counts, char *version)
{
    if (file.size < at + 44 || memcmp(file.bytes + at, "TZif", 4) != 0)
        return false;
    *version = file.bytes[at + 4];
    uint32_t *fields[] = {&counts->ut, &counts->std, &counts->leap, &counts->times, &counts->types, &counts->chars};
    for (size_t i = 0; i < 6; i++) {
        *fields[i] = be32_read(file.bytes + at + 20 + i * 4);
        if (*fields[i] > ZONE_FILE_MAX)
            return false;
    }
    return counts->types > 0 && counts->types <= 256 && counts->chars > 0;
}

static size_t
tzif_body_size(const TzifCounts *counts, size_t time_size)
{
    return counts->times * (time_size + 1) + (size_t) counts->types * 6 + counts->chars +
           counts->leap * (time_size + 4) + counts->std + counts->ut;
}

static void
zone_append(Zone *zone, size_t *capacity, int64_t at, ZoneType type)
{
    if (zone->count == *capacity) {
        *capacity = *capacity == 0 ? 256 : *capacity * 2;
        zone->transitions = memory_realloc(zone->transitions, *capacity * sizeof(Transition));
    }
    zone->transitions[zone->count++] = (Transition){at, type};
}

/* Lays out the rule's changes after the file's last one, so that today's lookups are one binary search. */
static void
zone_extend(Zone *zone, size_t *capacity)
{
    if (!zone->has_footer || !zone->footer.has_daylight)
        return;
    int64_t last = zone->count == 0 ? INT64_MIN : zone->transitions[zone->count - 1].at;
    for (int year = 1970; year < FOOTER_YEARS_UNTIL; year++) {
        Transition changes[2];
        posix_transitions(&zone->footer, year, changes);
        for (int i = 0; i < 2; i++)
            if (changes[i].at > last)
                zone_append(zone, capacity, changes[i].at, changes[i].type);
    }
}

static bool
zone_read_tzif(Slice file, Arena *arena, Zone *zone)
{
    TzifCounts counts;
    char version;
    size_t at = 44, time_size = 4;
    if (!tzif_header(file, 0, &counts, &version))
        return false;
    if (version >= '2') {
        at += tzif_body_size(&counts, 4);
        if (!tzif_header(file, at, &counts, &version))
            return false;
        at += 44;
        time_size = 8;
    }
    if (file.size < at + tzif_body_size(&counts, time_size))
        return false;
    const char *times = file.bytes + at;
    const uint8_t *indexes = (const uint8_t *) times + counts.times * time_size;
    const char *types = (const char *) indexes + counts.times;
    const char *chars = arena_strndup(arena, types + counts.types * 6, counts.chars);
    ZoneType table[256];
    for (uint32_t i = 0; i < counts.types; i++) {
        uint8_t name = (uint8_t) types[i * 6 + 5];
        table[i] = (ZoneType){(int32_t) be32_read(types + i * 6), types[i * 6 + 4] != 0,
                              name < counts.chars ? chars + name : ""};
    }
    zone->first = table[0];
    size_t capacity = 0;
    for (uint32_t i = 0; i < counts.times; i++) {
        int64_t when = time_size == 8 ? (int64_t) be64_read(times + i * 8) : (int32_t) be32_read(times + i * 4);
        if (indexes[i] >= counts.types)
            return false;
        zone_append(zone, &capacity, when, table[indexes[i]]);
    }
    at += tzif_body_size(&counts, time_size);
    if (time_size == 8 && at + 2 < file.size && file.bytes[at] == '\n' && file.bytes[file.size - 1] == '\n') {
        const char *text = arena_strndup(arena, file.bytes + at + 1, file.size - at - 2);
        zone->has_footer = posix_parse(text, arena, &zone->footer);
    }
    zone_extend(zone, &capacity);
    return true;
}

static bool
file_read(const char *path, Slice *out)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= ZONE_FILE_MAX;
    char *bytes = NULL;
    if (ok) {
        bytes = memory_alloc((size_t) status.st_size + 1);
        ok = read(fd, bytes, (size_t) status.st_size) == status.st_size;
    }
    close(fd);
    if (!ok)
        free(bytes);
    else
        *out = slice_make(bytes, (size_t) status.st_size);
    return ok;
}

/* Finds the entry that `part` names in any case and appends it to the path. */
static bool
path_descend(Buffer *path, Slice part)
{
    DIR *directory = opendir(buffer_text(path));
    bool found = false;
    if (directory == NULL)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(directory)) != NULL;) {
        size_t i = 0;
        if (entry->d_name[0] == '.' || strlen(entry->d_name) != part.size)
            continue;
        while (i < part.size && lower_char(entry->d_name[i]) == lower_char(part.bytes[i]))
            i++;
        found = i == part.size;
        if (found) {
            buffer_append_char(path, '/');
            buffer_append_text(path, entry->d_name);
        }
    }
    closedir(directory);
    return found;
}

static bool
zone_read_file(const char *name, Arena *arena, Zone *zone)
{
    Buffer path = {0};
    Slice file;
    buffer_append_text(&path, ZONE_DIRECTORY);
    bool ok = true;
    for (const char *part = name; ok; part++) {
        size_t size = strcspn(part, "/");
        ok = size > 0 && path_descend(&path, slice_make(part, size));
        part += size;
        if (*part == 0)
            break;
    }
    ok = ok && file_read(buffer_text(&path), &file);
    if (ok) {
        ok = zone_read_tzif(file, arena, zone);
        if (!ok) {
            free(zone->transitions);
            *zone = (Zone){.count = 0};
        }
        free((char *) file.bytes);
    }
    buffer_deinit(&path);
    return ok;
}

static bool
zone_read(const char *name, Arena *arena, Zone *zone)
{
    *zone = (Zone){.count = 0};
    if (zone_read_file(name, arena, zone))
        return true;
    zone->has_footer = posix_parse(name, arena, &zone->footer);
    zone->first = zone->footer.standard;
    if (zone->first.abbreviation == NULL)
        zone->first.abbreviation = "";
    return zone->has_footer;
}

/* --- finding --- */

static const Zone *
cache_find(const char *name)
{
    const Zone *found = NULL;
    pthread_mutex_lock(&cache.lock);
    if (cache.zones == NULL) {
        cache.zones = map_new();
        cache.arena = arena_new();
    }
    char key[ZONE_NAME_MAX + 1];
    size_t size = strlen(name);
    for (size_t i = 0; i <= size; i++)
        key[i] = lower_char(name[i]);
    found = map_get_text(cache.zones, key);
    if (found == NULL && map_count(cache.zones) < ZONE_COUNT_MAX) {
        Zone zone;
        /* A TZ string prints its abbreviations in upper case, whatever case it was given in. */
        char upper[ZONE_NAME_MAX + 1];
        for (size_t i = 0; i <= size; i++)
            upper[i] = key[i] >= 'a' && key[i] <= 'z' ? (char) (key[i] - 32) : key[i];
        if (zone_read(upper, cache.arena, &zone)) {
            Zone *kept = arena_new_struct(cache.arena, Zone);
            *kept = zone;
            map_put(cache.zones, slice_of(key), kept);
            found = kept;
        }
    }
    pthread_mutex_unlock(&cache.lock);
    return found;
}

const Zone *
zone_find(Slice name)
{
    static _Thread_local struct {
        char name[64];
        const Zone *zone;
    } last;
    if (name.size == 0 || name.size > ZONE_NAME_MAX || memchr(name.bytes, 0, name.size) != NULL)
        return NULL;
    if (slice_equal_nocase(name, "utc") || slice_equal_nocase(name, "gmt"))
        return slice_equal_nocase(name, "utc") ? &utc_zone : cache_find("GMT");
    if (last.zone != NULL && strlen(last.name) == name.size && memcmp(last.name, name.bytes, name.size) == 0)
        return last.zone;
    char copy[ZONE_NAME_MAX + 1];
    memcpy(copy, name.bytes, name.size);
    copy[name.size] = 0;
    const Zone *zone = cache_find(copy);
    if (zone != NULL && name.size < sizeof last.name) {
        memcpy(last.name, copy, name.size + 1);
        last.zone = zone;
    }
    return zone;
}

/* A plain number is hours east, unlike in a TZ string, where positive is west. */
static bool
session_hours(const char *name, char *posix, size_t size)
{
    char *end;
    double hours = strtod(name, &end);
    if (end == name || *end != 0 || !(hours > -168 && hours < 168))
        return false;
    int seconds = (int) (hours * 3600);
    int positive = abs(seconds);
    char text[32];
    if (positive % 3600 == 0)
        snprintf(text, sizeof text, "%02d", positive / 3600);
    else if (positive % 60 == 0)
        snprintf(text, sizeof text, "%02d:%02d", positive / 3600, positive / 60 % 60);
    else
        snprintf(text, sizeof text, "%02d:%02d:%02d", positive / 3600, positive / 60 % 60, positive % 60);
    snprintf(posix, size, "<%c%s>%c%s", seconds < 0 ? '-' : '+', text, seconds < 0 ? '+' : '-', text);
    return true;
}

const Zone *
zone_of_session(const char *name)
{
    char posix[80];
    if (name == NULL)
        return &utc_zone;
    if ((is_digit(name[0]) || name[0] == '+' || name[0] == '-') && session_hours(name, posix, sizeof posix))
        name = posix;
    const Zone *zone = zone_find(slice_of(name));
    return zone != NULL ? zone : &utc_zone;
}

static const ZoneAbbreviation abbreviations[] = {
#define ABBREVIATION(word, east, is_dst, zone) {word, east, is_dst, zone},
#include "types/zone_abbreviations.def"
#undef ABBREVIATION
};

static int
abbreviation_order(const void *key, const void *entry)
{
    const Slice *word = key;
    return slice_compare(*word, slice_of(((const ZoneAbbreviation *) entry)->word));
}

const ZoneAbbreviation *
zone_abbreviation_find(Slice word)
{
    return bsearch(&word, abbreviations, sizeof abbreviations / sizeof *abbreviations, sizeof *abbreviations,
                   abbreviation_order);
}

bool
zone_offset_for_sql(Slice name, int64_t seconds, bool local, int *east, Error *err)
{
    char lower[16];
    const Zone *zone;
    if (name.size < sizeof lower) {
        for (size_t i = 0; i < name.size; i++)
            lower[i] = lower_char(name.bytes[i]);
        const ZoneAbbreviation *found = zone_abbreviation_find(slice_make(lower, name.size));
        if (found != NULL && found->zone == NULL) {
            *east = found->east;
            return true;
        }
        if (found != NULL && (zone = zone_find(slice_of(found->zone))) != NULL) {
            if (!zone_abbreviation_offset(zone, name, seconds, east))
                *east = local ? zone_offset_of_local(zone, seconds) : zone_offset_at(zone, seconds, NULL, NULL);
            return true;
        }
    }
    zone = zone_find(name);
    if (zone == NULL)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "time zone \"%.*s\" not recognized", (int) name.size,
                         name.bytes);
    *east = local ? zone_offset_of_local(zone, seconds) : zone_offset_at(zone, seconds, NULL, NULL);
    return true;
}

/* --- asking --- */

/* Index of the first transition after `utc`. */
static size_t
zone_search(const Zone *zone, int64_t utc)
{
    size_t low = 0, high = zone->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (zone->transitions[middle].at > utc)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static ZoneType
zone_type_at(const Zone *zone, int64_t utc, Transition *next)
{
    size_t i = zone_search(zone, utc);
    if (i < zone->count) {
        *next = zone->transitions[i];
        return i == 0 ? zone->first : zone->transitions[i - 1].type;
    }
    if (zone->has_footer)
        return posix_type_at(&zone->footer, utc, next);
    ZoneType type = zone->count == 0 ? zone->first : zone->transitions[zone->count - 1].type;
    *next = (Transition){INT64_MAX, type};
    return type;
}

int
zone_offset_at(const Zone *zone, int64_t utc_seconds, bool *is_dst, const char **abbreviation)
{
    Transition next;
    if (zone == &utc_zone && is_dst == NULL && abbreviation == NULL)
        return 0;
    ZoneType type = zone_type_at(zone, utc_seconds, &next);
    if (is_dst != NULL)
        *is_dst = type.is_dst;
    if (abbreviation != NULL)
        *abbreviation = type.abbreviation;
    return type.east;
}

/*
 * Looks at the first change after a day before. A time that the change skips over is read by the offset before it; of
 * a time that happens twice the second is meant.
 */
int
zone_offset_of_local(const Zone *zone, int64_t local_seconds)
{
    Transition change;
    if (zone == &utc_zone)
        return 0;
    ZoneType before = zone_type_at(zone, local_seconds - SECONDS_PER_DAY, &change);
    if (change.at == INT64_MAX)
        return before.east;
    int64_t utc_before = local_seconds - before.east;
    int64_t utc_after = local_seconds - change.type.east;
    if (utc_before < change.at && utc_after < change.at)
        return before.east;
    if (utc_before > change.at && utc_after >= change.at)
        return change.type.east;
    return utc_before > utc_after ? before.east : change.type.east;
}

bool
zone_is_fixed(const Zone *zone, int *east)
{
    *east = zone->first.east;
    for (size_t i = 0; i < zone->count; i++)
        if (zone->transitions[i].type.east != *east)
            return false;
    return !zone->has_footer ||
           (zone->footer.standard.east == *east && (!zone->footer.has_daylight || zone->footer.daylight.east == *east));
}

/* The latest use of the abbreviation that began before, else the first one after. */
bool
zone_abbreviation_offset(const Zone *zone, Slice abbreviation, int64_t local_seconds, int *east)
{
    int64_t utc = local_seconds - zone_offset_of_local(zone, local_seconds);
    size_t i = zone_search(zone, utc);
    for (size_t k = i; k > 0; k--) {
        const ZoneType *type = &zone->transitions[k - 1].type;
        if (slice_equal_nocase(abbreviation, type->abbreviation)) {
            *east = type->east;
            return true;
        }
    }
    if (slice_equal_nocase(abbreviation, zone->first.abbreviation)) {
        *east = zone->first.east;
        return true;
    }
    for (size_t k = i; k < zone->count; k++) {
        const ZoneType *type = &zone->transitions[k].type;
        if (slice_equal_nocase(abbreviation, type->abbreviation)) {
            *east = type->east;
            return true;
        }
    }
    return false;
}
