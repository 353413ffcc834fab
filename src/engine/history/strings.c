#include "private.h"

#include <stdlib.h>
#include <string.h>

#define MOST  60000
#define OTHER "other"

void strings_deinit(struct strings *strings)
{
	for (unsigned i = 1; i < strings->count; i++)
		free(strings->names[i]);
	free(strings->names);
	free(strings->slots);
	*strings = (struct strings){0};
}

/* FNV-1a. */
static uint32_t hash(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h;
}

static uint16_t *find_slot(const struct strings *strings, const char *name)
{
	uint32_t at = hash(name) & (strings->slot_count - 1);

	while (strings->slots[at] && strcmp(strings->names[strings->slots[at] - 1], name) != 0)
		at = (at + 1) & (strings->slot_count - 1);
	return &strings->slots[at];
}

/* Room for one more, with the slots at most half full. */
static int grow(struct strings *strings)
{
	unsigned slot_count = strings->slot_count ? strings->slot_count * 2 : 64;
	struct strings bigger = *strings;

	if (strings->count + 1 < strings->slot_count / 2)
		return 0;
	bigger.slot_count = slot_count;
	bigger.slots = calloc(slot_count, sizeof(*bigger.slots));
	bigger.names = bigger.slots ? realloc(strings->names, slot_count / 2 * sizeof(*bigger.names)) : NULL;
	if (!bigger.names) {
		free(bigger.slots);
		return -SR_ENOMEM;
	}
	if (bigger.count == 0)
		bigger.count = 1; /* 0 is "" and has no name */
	for (unsigned i = 1; i < bigger.count; i++)
		*find_slot(&bigger, bigger.names[i]) = (uint16_t)(i + 1);
	free(strings->slots);
	*strings = bigger;
	return 0;
}

int strings_find(const struct strings *strings, const char *name)
{
	if (!name[0])
		return 0;
	return strings->slot_count ? *find_slot(strings, name) - 1 : -1;
}

static int add(struct strings *strings, const char *name)
{
	uint16_t *slot;
	char *copy;

	if (grow(strings))
		return -SR_ENOMEM;
	copy = strdup(name);
	if (!copy)
		return -SR_ENOMEM;
	slot = find_slot(strings, name);
	strings->names[strings->count] = copy;
	*slot = (uint16_t)(strings->count + 1);
	return (int)strings->count++;
}

uint16_t strings_add(struct strings *strings, const char *name)
{
	int number = strings_find(strings, name);

	if (number < 0 && strings->count < MOST)
		number = add(strings, name);
	if (number < 0)
		number = strings_find(strings, OTHER);
	if (number < 0)
		number = add(strings, OTHER);
	return number < 0 ? 0 : (uint16_t)number;
}
