/* The history: every op of a project, kept for checkers that judge the record as a whole.
 *
 * A struct sr_history belongs to one thread, its writer, until it is sealed; from then on any thread may read it. Ops
 * are kept in memory as long as the budget that histories share lasts, later ones go to a temporary file without a
 * name, which reading maps: what an op refers to stays valid as long as its history lives. What could not be kept is
 * counted, so that no checker passes on half a record. */
#ifndef SCALERUN_ENGINE_HISTORY_H
#define SCALERUN_ENGINE_HISTORY_H

#include "scalerun/base/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of one input, output or key. */
#define SR_HISTORY_TEXT_MAX ((size_t)16 << 10)

struct sr_history;

struct sr_text {
	const char *data; /* not terminated by 0 */
	size_t len;
};

/* One op. Times are nanoseconds of sr_now(); strings are never NULL, and "" where there is nothing. */
struct sr_history_op {
	int64_t scheduled, started, ended;
	int32_t user, iteration;
	uint16_t attempt;      /* how often it was sent, from 1 */
	const char *kind;      /* what it was about: "id", "task", "artifact" */
	const char *f;         /* what it did: "allocate", "write", "read", "add", "check" */
	const char *error;     /* kind of the failure; "" when it succeeded */
	const char *replica;   /* who answered */
	struct sr_text key;    /* which one */
	struct sr_text input;  /* JSON */
	struct sr_text output; /* JSON */
	/* Set by reading only: */
	const struct sr_history *history;
	const void *row; /* for sr_history_at */
};

/* Bytes that histories may hold in memory together. */
struct sr_history_budget {
	_Atomic size_t used;
	size_t most;
};

/* budget lives at least as long. NULL: no memory. */
struct sr_history *sr_history_new(struct sr_history_budget *budget);
void sr_history_free(struct sr_history *history);

/* What holds for all its ops. Copied; NULL is "". -SR_ENOMEM leaves the labels as they were. */
struct sr_history_labels {
	const char *scenario, *phase, *arm, *project;
};
int sr_history_label(struct sr_history *history, const struct sr_history_labels *labels);
const struct sr_history_labels *sr_history_labels(const struct sr_history *history);

/* The text that must not be kept (the project's API key): it is struck out wherever an op's texts hold it. Copied. */
int sr_history_secret(struct sr_history *history, const char *secret);

/* Keeps an op (history and row are ignored). Texts longer than SR_HISTORY_TEXT_MAX, no memory, no room on the disk:
 * the op is counted as lost. Costs a copy; now and then 256 KiB are written to a file. */
void sr_history_add(struct sr_history *history, const struct sr_history_op *op);

/* No more ops from now on; makes what was spilled readable. Safe to call again. 0, or -SR_EIO and what was spilled is
 * counted as lost. */
int sr_history_seal(struct sr_history *history, struct sr_error *err);

int64_t sr_history_count(const struct sr_history *history);
int64_t sr_history_lost(const struct sr_history *history);
size_t sr_history_spilled(const struct sr_history *history); /* bytes */

/* Reads back the op whose row this is. */
void sr_history_at(const struct sr_history *history, const void *row, struct sr_history_op *op);

/* Several histories as one, and which of their ops are meant; NULL and "" stand for any. */
struct sr_history_query {
	const struct sr_history *const *parts; /* sealed */
	int count;
	const char *kind, *f, *project, *phase, *arm, *replica, *key;
};

/* One walk over the ops of a query: parts in order, in each the ops as they ended. */
struct sr_history_walk {
	const struct sr_history_query *query;
	int part; /* index of the one under way, -1 before the first */
	int kind, f, replica;
	size_t segment, offset, key_len;
};
void sr_history_walk_begin(struct sr_history_walk *walk, const struct sr_history_query *query);
bool sr_history_walk_next(struct sr_history_walk *walk, struct sr_history_op *op);

/* What is known of an op's effect. A refusal (http 4xx, no connection) certainly had none; after a time-out, a closed
 * connection or a server's error nobody knows. */
enum sr_history_outcome { SR_HISTORY_OK, SR_HISTORY_REFUSED, SR_HISTORY_UNKNOWN };
enum sr_history_outcome sr_history_outcome(const char *error);

/* The values of an output: the elements of an array, or the one value that it is. Strings come without their quotes.
 * *pos starts at 0. False at the end. */
bool sr_history_value(struct sr_text json, size_t *pos, struct sr_text *value);

/* A hash of content, for histories to keep in its place. Not for adversaries. */
uint64_t sr_history_hash(const void *data, size_t len);

#endif
