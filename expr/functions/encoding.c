#include "expr/functions/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>

#include "expr/functions/characters.h"
#include "expr/functions/family.h"

/* In the order of their numbers. `aliases` are separated by blanks, all in lower case without punctuation. */
static const struct Encoding {
    const char *name, *iconv_name, *aliases;
    int max_length;
} encodings[] = {
    {"SQL_ASCII", NULL, "sqlascii", 1},
    {"EUC_JP", "EUC-JP", "eucjp", 3},
    {"EUC_CN", "EUC-CN", "euccn", 2},
    {"EUC_KR", "EUC-KR", "euckr", 3},
    {"EUC_TW", "EUC-TW", "euctw", 4},
    {"EUC_JIS_2004", "EUC-JISX0213", "eucjis2004", 3},
    {"UTF8", "UTF-8", "utf8 unicode", 4},
    {"MULE_INTERNAL", NULL, "muleinternal", 4},
    {"LATIN1", "ISO-8859-1", "latin1 iso88591", 1},
    {"LATIN2", "ISO-8859-2", "latin2 iso88592", 1},
    {"LATIN3", "ISO-8859-3", "latin3 iso88593", 1},
    {"LATIN4", "ISO-8859-4", "latin4 iso88594", 1},
    {"LATIN5", "ISO-8859-9", "latin5 iso88599", 1},
    {"LATIN6", "ISO-8859-10", "latin6 iso885910", 1},
    {"LATIN7", "ISO-8859-13", "latin7 iso885913", 1},
    {"LATIN8", "ISO-8859-14", "latin8 iso885914", 1},
    {"LATIN9", "ISO-8859-15", "latin9 iso885915", 1},
    {"LATIN10", "ISO-8859-16", "latin10 iso885916", 1},
    {"WIN1256", "CP1256", "win1256 windows1256", 1},
    {"WIN1258", "CP1258", "win1258 windows1258 abc tcvn tcvn5712 vscii", 1},
    {"WIN866", "CP866", "win866 windows866 alt", 1},
    {"WIN874", "CP874", "win874 windows874", 1},
    {"KOI8R", "KOI8-R", "koi8r koi8", 1},
    {"WIN1251", "CP1251", "win1251 windows1251 win", 1},
    {"WIN1252", "CP1252", "win1252 windows1252", 1},
    {"ISO_8859_5", "ISO-8859-5", "iso88595", 1},
    {"ISO_8859_6", "ISO-8859-6", "iso88596", 1},
    {"ISO_8859_7", "ISO-8859-7", "iso88597", 1},
    {"ISO_8859_8", "ISO-8859-8", "iso88598", 1},
    {"WIN1250", "CP1250", "win1250 windows1250", 1},
    {"WIN1253", "CP1253", "win1253 windows1253", 1},
    {"WIN1254", "CP1254", "win1254 windows1254", 1},
    {"WIN1255", "CP1255", "win1255 windows1255", 1},
    {"WIN1257", "CP1257", "win1257 windows1257", 1},
    {"KOI8U", "KOI8-U", "koi8u", 1},
    {"SJIS", "CP932", "sjis shiftjis mskanji win932 windows932", 2},
    {"BIG5", "CP950", "big5 win950 windows950", 2},
    {"GBK", "CP936", "gbk win936 windows936", 2},
    {"UHC", "CP949", "uhc win949 windows949", 2},
    {"GB18030", "GB18030", "gb18030", 4},
    {"JOHAB", "JOHAB", "johab", 3},
    {"SHIFT_JIS_2004", "SHIFT_JISX0213", "shiftjis2004 sjis2004", 2},
};

#define ENCODING_COUNT ((int) (sizeof encodings / sizeof *encodings))

/* Conversions that do not go through UTF8, each in both directions. */
static const char *const direct[][2] = {{"EUC_JP", "SJIS"},        {"EUC_TW", "BIG5"},
                                        {"LATIN2", "WIN1250"},     {"KOI8R", "ISO_8859_5"},
                                        {"WIN1251", "ISO_8859_5"}, {"WIN866", "ISO_8859_5"},
                                        {"KOI8R", "WIN1251"},      {"KOI8R", "WIN866"},
                                        {"WIN1251", "WIN866"},     {"EUC_JIS_2004", "SHIFT_JIS_2004"}};

int
encoding_find(Slice name)
{
    char plain[32];
    size_t size = 0;
    for (size_t i = 0; i < name.size && size < sizeof plain; i++) {
        char c = name.bytes[i];
        if (c >= 'A' && c <= 'Z')
            c = (char) (c + 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            plain[size++] = c;
    }
    for (int e = 0; e < ENCODING_COUNT && size > 0; e++) {
        for (const char *alias = encodings[e].aliases; *alias != '\0'; alias += strspn(alias, " ")) {
            size_t length = strcspn(alias, " ");
            if (length == size && memcmp(alias, plain, size) == 0)
                return e;
            alias += length;
        }
    }
    return -1;
}

const char *
encoding_name_of(int64_t encoding)
{
    return encoding >= 0 && encoding < ENCODING_COUNT ? encodings[encoding].name : NULL;
}

int
encoding_max_length(int64_t encoding)
{
    return encoding >= 0 && encoding < ENCODING_COUNT ? encodings[encoding].max_length : -1;
}

static const char *
bytes_shown(Slice bytes, size_t at, size_t count, char room[32])
{
    size_t used = 0;
    room[0] = '\0';
    for (size_t i = at; i < bytes.size && i < at + count && used + 6 < 32; i++)
        used +=
            (size_t) snprintf(room + used, 32 - used, "%s0x%02x", i > at ? " " : "", (unsigned char) bytes.bytes[i]);
    return room;
}

static bool
invalid_bytes(Slice bytes, size_t at, size_t count, int encoding, Error *err)
{
    char room[32];
    return error_set(err, SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"%s\": %s",
                     encodings[encoding].name, bytes_shown(bytes, at, count, room));
}

/* Bytes that the lead byte of a UTF-8 character promises. */
static size_t
utf8_promised(unsigned char lead)
{
    return lead < 0x80 ? 1 : (lead & 0xe0) == 0xc0 ? 2 : (lead & 0xf0) == 0xe0 ? 3 : (lead & 0xf8) == 0xf0 ? 4 : 1;
}

static bool
verify(Slice bytes, int encoding, Error *err)
{
    size_t bad;
    const char *nul = bytes.size == 0 ? NULL : memchr(bytes.bytes, '\0', bytes.size);
    if (encoding == ENCODING_UTF8)
        return utf8_is_valid(bytes, &bad) ||
               invalid_bytes(bytes, bad, utf8_promised((unsigned char) bytes.bytes[bad]), encoding, err);
    return nul == NULL || invalid_bytes(bytes, (size_t) (nul - bytes.bytes), 1, encoding, err);
}

static bool
convertible(int from, int to)
{
    if (encodings[from].iconv_name == NULL || encodings[to].iconv_name == NULL)
        return false;
    if (from == ENCODING_UTF8 || to == ENCODING_UTF8)
        return true;
    for (size_t i = 0; i < sizeof direct / sizeof *direct; i++) {
        for (int way = 0; way < 2; way++)
            if (strcmp(encodings[from].name, direct[i][way]) == 0 &&
                strcmp(encodings[to].name, direct[i][1 - way]) == 0)
                return true;
    }
    return false;
}

/* The character at `at` could not be converted. */
static bool
unconverted(Slice bytes, size_t at, int from, int to, Error *err)
{
    char room[32];
    size_t size = from == ENCODING_UTF8 ? utf8_promised((unsigned char) bytes.bytes[at])
                  : encodings[from].max_length > 1 && (unsigned char) bytes.bytes[at] >= 0x80 ? 2
                                                                                              : 1;
    if (from != ENCODING_UTF8 && encodings[from].max_length > 1)
        return invalid_bytes(bytes, at, size, from, err);
    return error_set(err, SQLSTATE_UNTRANSLATABLE_CHARACTER,
                     "character with byte sequence %s in encoding \"%s\" has no equivalent in encoding \"%s\"",
                     bytes_shown(bytes, at, size, room), encodings[from].name, encodings[to].name);
}

bool
encoding_convert(Slice bytes, int from, int to, Buffer *out, Error *err)
{
    if (!verify(bytes, from, err))
        return false;
    if (bytes.size == 0 || from == to || to == ENCODING_SQL_ASCII || from == ENCODING_SQL_ASCII) {
        if (from == ENCODING_SQL_ASCII && !verify(bytes, to, err))
            return false;
        buffer_append_slice(out, bytes);
        return true;
    }
    iconv_t converter =
        convertible(from, to) ? iconv_open(encodings[to].iconv_name, encodings[from].iconv_name) : (iconv_t) -1;
    if (converter == (iconv_t) -1)
        return error_set(err, SQLSTATE_UNDEFINED_FUNCTION,
                         "default conversion function for encoding \"%s\" to \"%s\" does not exist",
                         encodings[from].name, encodings[to].name);
    char *in = (char *) (uintptr_t) bytes.bytes; /* iconv only reads it */
    size_t in_left = bytes.size;
    bool fine = true;
    while (in_left > 0 && fine) {
        size_t room = in_left * 4 + 16, left = room;
        char *to_bytes = buffer_reserve(out, room);
        errno = 0;
        size_t done = iconv(converter, &in, &in_left, &to_bytes, &left);
        out->size += room - left;
        fine = done != (size_t) -1 || errno == E2BIG;
    }
    size_t left = 16; /* what was held back to be combined with the next character */
    char *end = buffer_reserve(out, left);
    if (fine && iconv(converter, NULL, NULL, &end, &left) != (size_t) -1)
        out->size += 16 - left;
    (void) iconv_close(converter);
    return fine || unconverted(bytes, bytes.size - in_left, from, to, err);
}

/* ---- functions */

static bool
give_converted(FunctionCall *call, Slice bytes, int from, int to, Datum *result, Error *err)
{
    Buffer out = {0};
    if (encoding_convert(bytes, from, to, &out, err))
        return give_buffer(call, result, &out);
    buffer_deinit(&out);
    return false;
}

static bool
named(Slice name, const char *which, int *encoding, Error *err)
{
    *encoding = encoding_find(name);
    return *encoding >= 0 || error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid %s encoding name \"%.*s\"",
                                       which, (int) name.size, name.bytes);
}

ROW_FUNCTION(convert)
{
    int from, to;
    return named(args[1].bytes, "source", &from, err) && named(args[2].bytes, "destination", &to, err) &&
           give_converted(call, args[0].bytes, from, to, result, err);
}

ROW_FUNCTION(convert_from)
{
    int from;
    return named(args[1].bytes, "source", &from, err) &&
           give_converted(call, args[0].bytes, from, ENCODING_UTF8, result, err);
}

ROW_FUNCTION(convert_to)
{
    int to;
    return named(args[1].bytes, "destination", &to, err) &&
           give_converted(call, args[0].bytes, ENCODING_UTF8, to, result, err);
}

ROW_FUNCTION(encoded_length)
{
    Datum text = {0};
    int encoding = encoding_find(args[1].bytes);
    if (encoding < 0)
        return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid encoding name \"%.*s\"",
                         (int) args[1].bytes.size, args[1].bytes.bytes);
    if (encodings[encoding].max_length == 1)
        return verify(args[0].bytes, encoding, err) && give_int(result, (int64_t) args[0].bytes.size);
    return give_converted(call, args[0].bytes, encoding, ENCODING_UTF8, &text, err) &&
           give_int(result, utf8_count(text.bytes));
}

ROW_FUNCTION(encoding_name)
{
    const char *name = encoding_name_of(args[0].i);
    return give_text(result, name == NULL ? "" : name);
}

ROW_FUNCTION(encoding_number)
{
    return give_int(result, encoding_find(args[0].bytes));
}

ROW_FUNCTION(encoding_length)
{
    int length = encoding_max_length(args[0].i);
    return length < 0 ? give_null(result) : give_int(result, length);
}

/* PostgreSQL spells out letters of four encodings; a database here is UTF8, of which it spells none. */
static bool
give_ascii(Slice text, int encoding, Datum *result, Error *err)
{
    bool known = encoding == 8 || encoding == 9 || encoding == 16 || encoding == 29;
    for (size_t i = 0; i < text.size && known; i++)
        known = (unsigned char) text.bytes[i] < 128;
    if (known)
        return give_bytes(result, text);
    return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "encoding conversion from %s to ASCII not supported",
                     encodings[encoding].name);
}

ROW_FUNCTION(to_ascii)
{
    return give_ascii(args[0].bytes, ENCODING_UTF8, result, err);
}

ROW_FUNCTION(to_ascii_number)
{
    if (encoding_name_of(args[1].i) == NULL)
        return error_set(err, SQLSTATE_UNDEFINED_OBJECT, "%lld is not a valid encoding code", (long long) args[1].i);
    return give_ascii(args[0].bytes, (int) args[1].i, result, err);
}

ROW_FUNCTION(to_ascii_name)
{
    int encoding = encoding_find(args[1].bytes);
    if (encoding < 0)
        return error_set(err, SQLSTATE_UNDEFINED_OBJECT, "%.*s is not a valid encoding name", (int) args[1].bytes.size,
                         args[1].bytes.bytes);
    return give_ascii(args[0].bytes, encoding, result, err);
}

const Function functions_encoding[] = {
#include "expr/functions/encoding.def"
};
const size_t functions_encoding_count = sizeof functions_encoding / sizeof *functions_encoding;
