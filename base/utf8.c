#include "base/utf8.h"

size_t
utf8_char_size(const unsigned char *at, size_t left)
{
    unsigned char first = at[0];
    if (first < 0x80)
        return first != 0;
    size_t size = first >= 0xc2 && first <= 0xdf   ? 2
                  : (first & 0xf0) == 0xe0         ? 3
                  : first >= 0xf0 && first <= 0xf4 ? 4
                                                   : 0;
    if (size == 0 || left < size)
        return 0;
    /* The second byte's range keeps overlong forms, surrogates and what is too large out. */
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

bool
utf8_is_valid(Slice text, size_t *bad)
{
    const unsigned char *bytes = (const unsigned char *) text.bytes;
    for (size_t i = 0; i < text.size;) {
        uint64_t word = UINT64_MAX;
        if (text.size - i >= 8)
            memcpy(&word, bytes + i, 8);
        /* Eight bytes at once: none zero, none with the high bit set. */
        if ((((word - UINT64_C(0x0101010101010101)) | word) & UINT64_C(0x8080808080808080)) == 0) {
            i += 8;
            continue;
        }
        size_t size = utf8_char_size(bytes + i, text.size - i);
        if (size == 0) {
            *bad = i;
            return false;
        }
        i += size;
    }
    return true;
}

size_t
utf8_write(char *to, uint32_t code)
{
    if (code < 0x80) {
        to[0] = (char) code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char) (0xc0 | code >> 6);
        to[1] = (char) (0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char) (0xe0 | code >> 12);
        to[1] = (char) (0x80 | (code >> 6 & 0x3f));
        to[2] = (char) (0x80 | (code & 0x3f));
        return 3;
    }
    to[0] = (char) (0xf0 | code >> 18);
    to[1] = (char) (0x80 | (code >> 12 & 0x3f));
    to[2] = (char) (0x80 | (code >> 6 & 0x3f));
    to[3] = (char) (0x80 | (code & 0x3f));
    return 4;
}

bool
utf8_append(Buffer *out, uint32_t code)
{
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return false;
    char *at = buffer_reserve(out, 4);
    out->size += utf8_write(at, code);
    return true;
}
