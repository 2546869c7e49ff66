#include "expr/functions/characters.h"

#include <locale.h>
#include <pthread.h>

/* Character classes come from libc's C.UTF-8, whatever the process' locale is. */
static locale_t unicode;
static pthread_once_t unicode_once = PTHREAD_ONCE_INIT;

static void
unicode_open(void)
{
    unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
    if (unicode == (locale_t) 0)
        unicode = newlocale(LC_CTYPE_MASK, "C", (locale_t) 0);
}

uint32_t
utf8_decode(Slice text, size_t *at)
{
    const unsigned char *p = (const unsigned char *) text.bytes + *at;
    size_t end = utf8_next(text, *at), size = end - *at;
    *at = end;
    if (size == 2)
        return (uint32_t) (p[0] & 0x1f) << 6 | (p[1] & 0x3f);
    if (size == 3)
        return (uint32_t) (p[0] & 0x0f) << 12 | (uint32_t) (p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    if (size == 4)
        return (uint32_t) (p[0] & 0x07) << 18 | (uint32_t) (p[1] & 0x3f) << 12 | (uint32_t) (p[2] & 0x3f) << 6 |
               (p[3] & 0x3f);
    return p[0];
}

void
utf8_append_lower(Buffer *out, Slice text)
{
    pthread_once(&unicode_once, unicode_open);
    char *room = buffer_reserve(out, text.size + 1);
    size_t at = 0;
    for (; at < text.size && (unsigned char) text.bytes[at] < 0x80; at++) {
        char c = text.bytes[at];
        room[at] = (char) (c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    out->size += at;
    while (at < text.size)
        utf8_append(out, (uint32_t) towlower_l((wint_t) utf8_decode(text, &at), unicode));
}

void
utf8_append_upper(Buffer *out, Slice text)
{
    pthread_once(&unicode_once, unicode_open);
    char *room = buffer_reserve(out, text.size + 1);
    size_t at = 0;
    for (; at < text.size && (unsigned char) text.bytes[at] < 0x80; at++) {
        char c = text.bytes[at];
        room[at] = (char) (c >= 'a' && c <= 'z' ? c - 32 : c);
    }
    out->size += at;
    while (at < text.size)
        utf8_append(out, (uint32_t) towupper_l((wint_t) utf8_decode(text, &at), unicode));
}

void
utf8_append_initcap(Buffer *out, Slice text)
{
    pthread_once(&unicode_once, unicode_open);
    bool in_word = false;
    for (size_t at = 0; at < text.size;) {
        wint_t c = (wint_t) utf8_decode(text, &at);
        utf8_append(out, (uint32_t) (in_word ? towlower_l(c, unicode) : towupper_l(c, unicode)));
        in_word = iswalnum_l(c, unicode) != 0;
    }
}
