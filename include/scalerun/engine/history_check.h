/* Checkers: each looks at all ops of a query and says what is wrong with them. Their time is O(n log n) at most; the
 * memory that they need meanwhile is a few dozen bytes an op. */
#ifndef SCALERUN_ENGINE_HISTORY_CHECK_H
#define SCALERUN_ENGINE_HISTORY_CHECK_H

#include "scalerun/engine/history.h"

/* Findings beyond these are counted, not kept. */
#define SR_FINDINGS_MAX 100

struct sr_finding {
	const char *problem;            /* which rule is broken; a literal */
	struct sr_text value;           /* the id, value or marker; empty where `number` says it */
	int64_t number;                 /* of an id that nobody got */
	struct sr_history_op op, other; /* row NULL: there is none */
	const char *owner;              /* of a foreign marker, else NULL */
};

/* Caller-owned; the texts belong to the histories. */
struct sr_findings {
	struct sr_finding list[SR_FINDINGS_MAX];
	int kept;
	int64_t total;     /* findings, kept or not */
	int64_t looked_at; /* what the checker is about: ids, pairs, reads, outputs */
	int64_t ops;       /* of the query that succeeded */
	int64_t distinct, missing, extra, repeated, controls;
};

/* Each returns 0 or -SR_ENOMEM; findings are set anew. */

/* That no value of the outputs occurs twice ("repeated": op was given it again, other had it first). per_project: two
 * projects may have the same. */
int sr_history_unique(const struct sr_history_query *query, bool per_project, struct sr_findings *findings);

/* That the outputs hold exactly the ids from low to high of the prefix, each once: "missing" (number), "extra",
 * "repeated". -SR_ELIMIT: more than 2^28 ids. */
int sr_history_sequence(const struct sr_history_query *query, const char *prefix, int64_t low, int64_t high,
			struct sr_findings *findings);

/* That of two allocations with one key the one that had ended before the other began has the smaller ids
 * ("order": op began after other had ended, and its id, `value`, is smaller). looked_at counts allocations that began
 * after another had ended: without any, nothing is shown. */
int sr_history_real_time_order(const struct sr_history_query *query, bool per_project, struct sr_findings *findings);

struct sr_history_marker {
	const char *project, *marker;
};

/* That no output of a project holds another's marker ("foreign"); controls counts outputs with the own one. */
int sr_history_foreign_markers(const struct sr_history_query *query, const struct sr_history_marker *markers, int count,
			       struct sr_findings *findings);

/* What a key is known to hold in the end. project "" for any; value empty where only its presence is known. */
struct sr_history_found {
	const char *project;
	struct sr_text key, value;
};

/* That reads see the writes that were acknowledged before they began: of the same user (per_user) or of any user of
 * the same project. A read sees a write when it returns its value, that of a write at the same time or later, or that
 * of one whose outcome is unknown ("stale", "unknown value", "nothing"; op is the read, other the write that it had to
 * see). The written value is a write's input, the read one a read's output. looked_at counts reads with such a write.
 */
int sr_history_read_your_writes(const struct sr_history_query *query, bool per_user, struct sr_findings *findings);

/* That what was acknowledged is there in the end: the values of an add's output and the keys of writes ("lost", op),
 * and, where it is known, with the value of the last write ("overwritten", op the write). */
int sr_history_lost_writes(const struct sr_history_query *query, const struct sr_history_found *found, int count,
			   struct sr_findings *findings);

/* One interval of a timeline. Latencies are nanoseconds, exact. */
struct sr_history_interval {
	int64_t count, failed, p50, p95, max;
};

/* The ops of a query in intervals by the time they started, from `origin` on. *intervals is the caller's to free.
 * -SR_ELIMIT: more than a million intervals. */
int sr_history_timeline(const struct sr_history_query *query, int64_t origin, int64_t interval,
			struct sr_history_interval **intervals, int *count);

/* When the first op of a query started and the last ended; false when there is none. */
bool sr_history_span(const struct sr_history_query *query, int64_t *first, int64_t *last);

#endif
