#include "check.h"

#include <stdlib.h>
#include <string.h>

struct index_entry {
	uint64_t hash;
	const char *data; /* NULL where free */
	uint32_t len, number;
};

void index_deinit(struct index *index)
{
	free(index->entries);
	*index = (struct index){0};
}

static struct index_entry *find(const struct index *index, struct sr_text text, uint64_t hash)
{
	size_t at = hash & (index->slots - 1);
	struct index_entry *entry = &index->entries[at];

	while (entry->data &&
	       (entry->hash != hash || entry->len != text.len || memcmp(entry->data, text.data, text.len) != 0)) {
		at = (at + 1) & (index->slots - 1);
		entry = &index->entries[at];
	}
	return entry;
}

static int resize(struct index *index, size_t slots)
{
	struct index bigger = {.slots = slots, .count = index->count};

	bigger.entries = calloc(slots, sizeof(*bigger.entries));
	if (!bigger.entries)
		return -SR_ENOMEM;
	for (size_t i = 0; i < index->slots; i++) {
		const struct index_entry *entry = &index->entries[i];
		size_t at = entry->hash & (slots - 1);

		if (!entry->data)
			continue;
		while (bigger.entries[at].data)
			at = (at + 1) & (slots - 1);
		bigger.entries[at] = *entry;
	}
	free(index->entries);
	*index = bigger;
	return 0;
}

static int grow(struct index *index)
{
	if (index->count < index->slots / 2)
		return 0;
	return resize(index, index->slots ? index->slots * 2 : 1024);
}

int index_expect(struct index *index, int64_t count)
{
	size_t slots = 1024;

	while (slots / 2 <= (size_t)count)
		slots *= 2;
	return slots > index->slots ? resize(index, slots) : 0;
}

int64_t count_of(const struct sr_history_query *query)
{
	int64_t count = 0;

	for (int i = 0; i < query->count; i++)
		count += sr_history_count(query->parts[i]);
	return count;
}

static uint64_t hash_of(struct sr_text text, uint64_t salt)
{
	return sr_history_hash(text.data, text.len) ^ salt;
}

int64_t index_put(struct index *index, struct sr_text text, uint64_t salt, uint32_t number)
{
	uint64_t hash = hash_of(text, salt);
	struct index_entry *entry;

	if (grow(index))
		return -SR_ENOMEM;
	entry = find(index, text, hash);
	if (entry->data)
		return entry->number;
	*entry = (struct index_entry){.hash = hash, .data = text.data, .len = (uint32_t)text.len, .number = number};
	index->count++;
	return number;
}

int64_t index_get(const struct index *index, struct sr_text text, uint64_t salt)
{
	const struct index_entry *entry;

	if (!index->slots)
		return -1;
	entry = find(index, text, hash_of(text, salt));
	return entry->data ? (int64_t)entry->number : -1;
}

void *list_add(struct list *list, size_t size)
{
	if (list->count == list->cap) {
		size_t cap = list->cap ? list->cap * 2 : 256;
		void *data = realloc(list->data, cap * size);

		if (!data)
			return NULL;
		list->data = data;
		list->cap = cap;
	}
	return memset((char *)list->data + list->count++ * size, 0, size);
}

uint64_t salt_of(const char *text, uint64_t more)
{
	return sr_history_hash(text, strlen(text)) * 31 + more + 1;
}

bool id_parse(struct sr_text text, struct sr_text *prefix, int64_t *number)
{
	size_t at = text.len;

	while (at > 0 && text.data[at - 1] >= '0' && text.data[at - 1] <= '9')
		at--;
	*prefix = (struct sr_text){text.data, at};
	if (at == 0 || text.data[at - 1] != '-' || text.len - at < 3 || text.len - at > 18)
		return false;
	if (text.len - at > 3 && text.data[at] == '0')
		return false;
	*number = 0;
	for (; at < text.len; at++)
		*number = *number * 10 + (text.data[at] - '0');
	return true;
}

struct sr_finding *findings_add(struct sr_findings *findings, const char *problem, struct sr_text value)
{
	struct sr_finding *finding;

	findings->total++;
	if (findings->kept == SR_FINDINGS_MAX)
		return NULL;
	finding = &findings->list[findings->kept++];
	*finding = (struct sr_finding){.problem = problem, .value = value};
	return finding;
}
