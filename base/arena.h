/*
 * arena.h -- memory that is freed all at once.
 *
 * An arena hands out zeroed, 16-byte aligned memory and frees none of it until arena_free or
 * arena_reset. Lifetimes have names: server, session, transaction, statement, row scratch; each
 * owner makes its own arena and passes it down. There is no current arena.
 *
 * (1) Memory from an arena stays where it is until the arena is reset or freed.
 * (2) Running out of memory ends the process with a message: no function here returns NULL.
 *
 * An arena belongs to one thread at a time.
 */
#ifndef FRESHET_BASE_ARENA_H
#define FRESHET_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_free(Arena *arena);          /* NULL is allowed */
void arena_reset(Arena *arena);         /* gives everything back but the first block */
size_t arena_bytes(const Arena *arena); /* bytes held from the system */

void *arena_alloc(Arena *arena, size_t size);
char *arena_strdup(Arena *arena, const char *text);
char *arena_strndup(Arena *arena, const char *text, size_t size); /* NUL is appended */
char *arena_printf(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(Arena *arena, const char *format, va_list args);

#define arena_new_struct(arena, type)       ((type *) arena_alloc((arena), sizeof(type)))
#define arena_new_array(arena, type, count) ((type *) arena_alloc((arena), sizeof(type) * (size_t) (count)))

/* Heap memory with the same promise as (2). */
void *memory_alloc(size_t size); /* not zeroed */
void *memory_calloc(size_t count, size_t size);
void *memory_realloc(void *memory, size_t size);
char *memory_strdup(const char *text);

#endif
