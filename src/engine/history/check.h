/* What the checkers share. */
#ifndef SR_HISTORY_CHECK_H
#define SR_HISTORY_CHECK_H

#include "private.h"
#include "scalerun/engine/history_check.h"

/* An op that a checker remembers. */
struct ref {
	const struct sr_history *history;
	const void *row;
};

static inline struct ref ref_of(const struct sr_history_op *op)
{
	return (struct ref){op->history, op->row};
}

/* Texts with a number each. The texts are not copied. salt keeps equal texts apart that mean different things. */
struct index {
	struct index_entry *entries;
	size_t count, slots;
};

void index_deinit(struct index *index);

/* Makes room for so many at once. -SR_ENOMEM. */
int index_expect(struct index *index, int64_t count);

/* The number kept for the text, which is `number` where it is new. -SR_ENOMEM. */
int64_t index_put(struct index *index, struct sr_text text, uint64_t salt, uint32_t number);
int64_t index_get(const struct index *index, struct sr_text text, uint64_t salt); /* -1: none */

/* A list of elements of one size. */
struct list {
	void *data;
	size_t count, cap;
};

void *list_add(struct list *list, size_t size); /* NULL: no memory */

/* How many ops the query may find at most. */
int64_t count_of(const struct sr_history_query *query);

uint64_t salt_of(const char *text, uint64_t more);

/* "US-" and 51 of "US-051"; false for what is no id as the contract writes them. */
bool id_parse(struct sr_text text, struct sr_text *prefix, int64_t *number);

/* Counts a finding, and returns where it goes, or NULL when there are enough. */
struct sr_finding *findings_add(struct sr_findings *findings, const char *problem, struct sr_text value);

#endif
