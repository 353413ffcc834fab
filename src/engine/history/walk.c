/* Reading ops back. */
#include "private.h"

#include <string.h>

void sr_history_at(const struct sr_history *history, const void *at, struct sr_history_op *op)
{
	const struct row *row = at;
	const char *texts = (const char *)(row + 1);

	*op = (struct sr_history_op){
	    .scheduled = row->scheduled,
	    .started = row->started,
	    .ended = row->ended,
	    .user = row->user,
	    .iteration = row->iteration,
	    .attempt = row->attempt,
	    .kind = strings_name(&history->strings, row->kind),
	    .f = strings_name(&history->strings, row->f),
	    .error = strings_name(&history->strings, row->error),
	    .replica = strings_name(&history->strings, row->replica),
	    .key = {texts, row->key_len},
	    .input = {texts + row->key_len, row->input_len},
	    .output = {texts + row->key_len + row->input_len, row->output_len},
	    .history = history,
	    .row = row,
	};
}

static bool is_any(const char *wanted)
{
	return !wanted || !wanted[0];
}

static bool fits(const char *wanted, const char *label)
{
	return is_any(wanted) || strcmp(wanted, label) == 0;
}

/* The number that a row of this part must have, -1 for any; false when none can have it. */
static bool find(const struct sr_history *part, const char *wanted, int *number)
{
	*number = -1;
	if (is_any(wanted))
		return true;
	*number = strings_find(&part->strings, wanted);
	return *number > 0;
}

static bool enter(struct sr_history_walk *walk, const struct sr_history *part)
{
	const struct sr_history_query *query = walk->query;

	walk->segment = walk->offset = 0;
	return fits(query->project, part->labels.project) && fits(query->phase, part->labels.phase) &&
	       fits(query->arm, part->labels.arm) && find(part, query->kind, &walk->kind) &&
	       find(part, query->f, &walk->f) && find(part, query->replica, &walk->replica);
}

void sr_history_walk_begin(struct sr_history_walk *walk, const struct sr_history_query *query)
{
	*walk = (struct sr_history_walk){.query = query, .part = -1};
	walk->key_len = is_any(query->key) ? 0 : strlen(query->key);
}

static bool is_wanted(const struct sr_history_walk *walk, const struct row *row)
{
	struct sr_text key = row_key(row);

	return (walk->kind < 0 || row->kind == walk->kind) && (walk->f < 0 || row->f == walk->f) &&
	       (walk->replica < 0 || row->replica == walk->replica) &&
	       (walk->key_len == 0 || (key.len == walk->key_len && memcmp(key.data, walk->query->key, key.len) == 0));
}

static const struct row *next_row(struct sr_history_walk *walk, const struct sr_history *part)
{
	while (walk->segment < part->segment_count) {
		const struct segment *segment = &part->segments[walk->segment];

		if (walk->offset < segment->len) {
			const struct row *row = (const void *)(segment->data + walk->offset);

			walk->offset += row_size(row);
			return row;
		}
		walk->segment++;
		walk->offset = 0;
	}
	return NULL;
}

bool sr_history_walk_next(struct sr_history_walk *walk, struct sr_history_op *op)
{
	const struct sr_history_query *query = walk->query;
	const struct row *row;

	for (;;) {
		while (walk->part >= 0 && (row = next_row(walk, query->parts[walk->part]))) {
			if (is_wanted(walk, row)) {
				sr_history_at(query->parts[walk->part], row, op);
				return true;
			}
		}
		do {
			if (++walk->part >= query->count) {
				walk->part = query->count - 1; /* asked again, it is the end again */
				if (walk->part >= 0)
					walk->segment = query->parts[walk->part]->segment_count;
				return false;
			}
		} while (!enter(walk, query->parts[walk->part]));
	}
}
