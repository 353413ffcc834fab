#include "mcp/names.h"

#include "text.h"

#include "scalerun/base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void sr_names_init(struct sr_names *names)
{
	*names = (struct sr_names){0};
}

void sr_names_deinit(struct sr_names *names)
{
	for (int i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	sr_names_init(names);
}

int sr_names_add(struct sr_names *names, const char *name)
{
	if (names->count == SR_NAMES_MAX || strlen(name) > SR_NAMES_LONGEST)
		return -SR_ELIMIT;
	if (names->count == names->capacity) {
		int capacity = names->capacity ? names->capacity * 2 : 32;
		char **items = realloc(names->items, (size_t)capacity * sizeof(*items));

		if (!items)
			return -SR_ENOMEM;
		names->items = items;
		names->capacity = capacity;
	}
	names->items[names->count] = strdup(name);
	if (!names->items[names->count])
		return -SR_ENOMEM;
	names->count++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void sr_names_sort(struct sr_names *names)
{
	if (names->count > 1)
		qsort(names->items, (size_t)names->count, sizeof(*names->items), compare);
}

/* base64url without padding; out has room for 4 * (len + 2) / 3 + 1 */
static void encode(const char *text, size_t len, char *out)
{
	unsigned bits = 0;
	int held = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | (unsigned char)text[i];
		for (held += 8; held >= 6; held -= 6)
			*out++ = digits[bits >> (held - 6) & 63];
	}
	if (held > 0)
		*out++ = digits[bits << (6 - held) & 63];
	*out = '\0';
}

/* False for what encode() does not produce. */
static bool decode(const char *text, char *out, size_t size)
{
	char again[SR_NAMES_CURSOR];
	unsigned bits = 0;
	size_t len = 0;
	int held = 0;

	if (strlen(text) >= sizeof(again))
		return false;
	for (const char *p = text; *p; p++) {
		const char *digit = strchr(digits, *p);

		if (!digit)
			return false;
		bits = bits << 6 | (unsigned)(digit - digits);
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		if (len + 1 >= size)
			return false;
		out[len++] = (char)(bits >> held & 255);
	}
	out[len] = '\0';
	if (strlen(out) != len || len * 4 / 3 + 2 > sizeof(again))
		return false;
	encode(out, len, again);
	return strcmp(again, text) == 0 && sr_text_is_utf8(out, len);
}

/* The number of names up to and including `last`, which need not be there any more. */
static int count_until(const struct sr_names *names, const char *last)
{
	int low = 0;
	int high = names->count;

	while (low < high) {
		int middle = low + (high - low) / 2;

		if (strcmp(names->items[middle], last) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool sr_names_page(const struct sr_names *names, const char *list, const char *cursor, int size, struct sr_page *page)
{
	char plain[SR_NAMES_LONGEST + 32];
	size_t len = strlen(list);

	*page = (struct sr_page){0};
	if (cursor) {
		if (!decode(cursor, plain, sizeof(plain)) || strncmp(plain, list, len) != 0 || plain[len] != '\n')
			return false;
		page->begin = count_until(names, plain + len + 1);
	}
	page->end = names->count - page->begin > size ? page->begin + size : names->count;
	if (page->end < names->count && page->end > page->begin) {
		int used = snprintf(plain, sizeof(plain), "%s\n%s", list, names->items[page->end - 1]);

		encode(plain, (size_t)used, page->next);
	}
	return true;
}
