/* The limit of id reservations: at most N in any 60 s per project, a sliding window kept in Redis, so
 * that all replicas share it. Any thread. */
#ifndef TARGET_RATE_H
#define TARGET_RATE_H

#include "kv.h"

#include <stdbool.h>

#define SR_RATE_WINDOW_US INT64_C(60000000)

struct sr_rate_verdict {
	bool allowed;
	bool skipped;        /* Redis was not to be had: allowed without being counted */
	int64_t retry_after; /* whole seconds, >= 1, when not allowed */
};

/* Takes one reservation of project's allowance; refused ones take nothing. limit 0: no limit, no Redis.
 * err says why it was skipped. */
void sr_rate_take(struct sr_kv *kv, const char *project, int limit, struct sr_rate_verdict *verdict,
		  struct sr_error *err);

/* Seconds for Retry-After: us rounded up, at least 1 and at most the window. */
int64_t sr_rate_retry_after(int64_t us);

#endif
