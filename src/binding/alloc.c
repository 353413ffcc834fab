#include "alloc.h"

#include <stdlib.h>
#include <string.h>

#define STEP    16
#define SMALL   512 /* larger blocks are the C library's */
#define CLASSES (SMALL / STEP)
#define SLAB    ((size_t)64 << 10)

/* The sanitizer watches blocks of its own alone. */
#ifdef __SANITIZE_ADDRESS__
#define PLAIN 1
#else
#define PLAIN 0
#endif

struct block {
	struct block *next;
};

/* Begins each slab. */
struct slab {
	struct slab *next;
	size_t pad; /* blocks stay aligned to 16 */
};

struct sr_alloc {
	struct block *free[CLASSES];
	char *at, *end; /* what is left of the newest slab */
	struct slab *slabs;
};

struct sr_alloc *sr_alloc_new(void)
{
	return calloc(1, sizeof(struct sr_alloc));
}

void sr_alloc_free(struct sr_alloc *alloc)
{
	struct slab *slab;

	if (!alloc)
		return;
	while ((slab = alloc->slabs)) {
		alloc->slabs = slab->next;
		free(slab);
	}
	free(alloc);
}

static size_t class_of(size_t size)
{
	return (size - 1) / STEP;
}

static void *carve(struct sr_alloc *alloc, size_t class)
{
	size_t size = (class + 1) * STEP;
	struct slab *slab;
	void *block;

	if ((size_t)(alloc->end - alloc->at) < size) {
		slab = malloc(SLAB);
		if (!slab)
			return NULL;
		slab->next = alloc->slabs;
		alloc->slabs = slab;
		alloc->at = (char *)(slab + 1);
		alloc->end = (char *)slab + SLAB;
	}
	block = alloc->at;
	alloc->at += size;
	return block;
}

static void *take(struct sr_alloc *alloc, size_t size)
{
	size_t class = class_of(size);
	struct block *block = alloc->free[class];

	if (!block)
		return carve(alloc, class);
	alloc->free[class] = block->next;
	return block;
}

static void give(struct sr_alloc *alloc, void *at, size_t size)
{
	struct block *block = at;
	size_t class = class_of(size);

	block->next = alloc->free[class];
	alloc->free[class] = block;
}

static void *move(struct sr_alloc *alloc, void *at, size_t old, size_t size)
{
	void *to;

	if (old > SMALL && size > SMALL)
		return realloc(at, size);
	if (old <= SMALL && size <= SMALL && class_of(old) == class_of(size))
		return at;
	to = size > SMALL ? malloc(size) : take(alloc, size);
	if (!to)
		return size < old ? at : NULL; /* Lua relies on it that shrinking succeeds */
	memcpy(to, at, old < size ? old : size);
	if (old > SMALL)
		free(at);
	else
		give(alloc, at, old);
	return to;
}

void *sr_alloc_lua(void *arg, void *at, size_t old, size_t size)
{
	struct sr_alloc *alloc = arg;

	if (PLAIN && size > 0)
		return realloc(at, size);
	if (PLAIN) {
		free(at);
		return NULL;
	}
	if (!at) /* old says what kind of object it is to be */
		return size == 0 ? NULL : size > SMALL ? malloc(size) : take(alloc, size);
	if (size > 0)
		return move(alloc, at, old, size);
	if (old > SMALL)
		free(at);
	else
		give(alloc, at, old);
	return NULL;
}
