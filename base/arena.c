#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ALIGNMENT = 16,
    BLOCK_FIRST = 4096, /* with the Arena itself in it: an arena that is hardly used costs one page */
    BLOCK_MAX = 1 << 20,
};

typedef struct Block {
    struct Block *next; /* older */
    size_t size;        /* with this header */
} Block;

_Static_assert(sizeof(Block) % ALIGNMENT == 0, "what follows a block's header is aligned");

struct Arena {
    char *at;
    char *end;
    Block *blocks; /* newest first; the block that holds the arena is not in the list */
    size_t bytes;
    size_t block_size; /* of the next ordinary block */
};

#define ARENA_SIZE ((sizeof(Arena) + ALIGNMENT - 1) & ~(size_t) (ALIGNMENT - 1))

static _Noreturn void
memory_exhausted(size_t size)
{
    char line[96];
    int length = snprintf(line, sizeof line, "freshet: out of memory: could not allocate %zu bytes\n", size);
    ssize_t ignored = write(STDERR_FILENO, line, (size_t) length);
    (void) ignored;
    abort();
}

void *
memory_alloc(size_t size)
{
    void *memory = malloc(size == 0 ? 1 : size);
    if (memory == NULL)
        memory_exhausted(size);
    return memory;
}

void *
memory_calloc(size_t count, size_t size)
{
    void *memory = count == 0 || size == 0 ? calloc(1, 1) : calloc(count, size);
    if (memory == NULL)
        memory_exhausted(size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size);
    return memory;
}

void *
memory_realloc(void *memory, size_t size)
{
    void *moved = realloc(memory, size == 0 ? 1 : size);
    if (moved == NULL)
        memory_exhausted(size);
    return moved;
}

char *
memory_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(memory_alloc(size), text, size);
}

static void
arena_begin(Arena *arena)
{
    arena->at = (char *) arena + ARENA_SIZE;
    arena->end = (char *) arena + BLOCK_FIRST;
    arena->blocks = NULL;
    arena->bytes = BLOCK_FIRST;
    arena->block_size = 2 * BLOCK_FIRST;
}

static void
blocks_free(Block *block)
{
    while (block != NULL) {
        Block *next = block->next;
        free(block);
        block = next;
    }
}

Arena *
arena_new(void)
{
    Arena *arena = memory_alloc(BLOCK_FIRST);
    arena_begin(arena);
    return arena;
}

void
arena_free(Arena *arena)
{
    if (arena == NULL)
        return;
    blocks_free(arena->blocks);
    free(arena);
}

void
arena_reset(Arena *arena)
{
    blocks_free(arena->blocks);
    arena_begin(arena);
}

size_t
arena_bytes(const Arena *arena)
{
    return arena->bytes;
}

static Block *
block_add(Arena *arena, size_t size)
{
    Block *block = memory_alloc(size);
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->bytes += size;
    return block;
}

/* What does not fit: a large request gets a block to itself, so that the rest of the current one stays in use. */
static void *
arena_alloc_slow(Arena *arena, size_t size)
{
    if (size >= arena->block_size / 4)
        return block_add(arena, sizeof(Block) + size) + 1;
    Block *block = block_add(arena, arena->block_size);
    arena->at = (char *) (block + 1) + size;
    arena->end = (char *) block + block->size;
    if (arena->block_size < BLOCK_MAX)
        arena->block_size *= 2;
    return block + 1;
}

void *
arena_alloc(Arena *arena, size_t size)
{
    if (size > SIZE_MAX - sizeof(Block) - ALIGNMENT)
        memory_exhausted(size);
    size = (size + ALIGNMENT - 1) & ~(size_t) (ALIGNMENT - 1);
    void *memory = arena->at;
    if (size <= (size_t) (arena->end - arena->at))
        arena->at += size;
    else
        memory = arena_alloc_slow(arena, size);
    return memset(memory, 0, size);
}

char *
arena_strndup(Arena *arena, const char *text, size_t size)
{
    char *copy = arena_alloc(arena, size + 1);
    if (size != 0)
        memcpy(copy, text, size);
    return copy;
}

char *
arena_strdup(Arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *
arena_vprintf(Arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    char text[256];
    int size = vsnprintf(text, sizeof text, format, args);
    char *out = arena_alloc(arena, (size_t) size + 1);
    if ((size_t) size < sizeof text)
        memcpy(out, text, (size_t) size);
    else
        vsnprintf(out, (size_t) size + 1, format, again);
    va_end(again);
    return out;
}

char *
arena_printf(Arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *out = arena_vprintf(arena, format, args);
    va_end(args);
    return out;
}
