#include "base/slice.h"

static char
ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c - 'A' + 'a') : c;
}

bool
slice_equal_nocase(Slice a, const char *b)
{
    for (size_t i = 0; i < a.size; i++)
        if (b[i] == '\0' || ascii_lower(a.bytes[i]) != ascii_lower(b[i]))
            return false;
    return b[a.size] == '\0';
}
