#include "check.h"

#include <stdlib.h>

#define INTERVALS_MAX 1000000

struct sample {
	int64_t interval, latency;
};

static int by_interval(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	if (x->interval != y->interval)
		return x->interval < y->interval ? -1 : 1;
	return (x->latency > y->latency) - (x->latency < y->latency);
}

/* The smallest latency that at least percent % of them do not exceed. */
static int64_t percentile(const struct sample *sorted, size_t count, int percent)
{
	size_t rank = (count * (size_t)percent + 99) / 100;

	return sorted[rank ? rank - 1 : 0].latency;
}

static void sum_up(struct sample *samples, size_t count, struct sr_history_interval *intervals)
{
	qsort(samples, count, sizeof(*samples), by_interval);
	for (size_t first = 0, end; first < count; first = end) {
		struct sr_history_interval *interval = &intervals[samples[first].interval];

		for (end = first; end < count && samples[end].interval == samples[first].interval; end++)
			;
		interval->count = (int64_t)(end - first);
		interval->p50 = percentile(&samples[first], end - first, 50);
		interval->p95 = percentile(&samples[first], end - first, 95);
		interval->max = samples[end - 1].latency;
	}
}

bool sr_history_span(const struct sr_history_query *query, int64_t *first, int64_t *last)
{
	struct sr_history_walk walk;
	struct sr_history_op op;
	bool any = false;

	sr_history_walk_begin(&walk, query);
	while (sr_history_walk_next(&walk, &op)) {
		if (!any || op.started < *first)
			*first = op.started;
		if (!any || op.ended > *last)
			*last = op.ended;
		any = true;
	}
	return any;
}

int sr_history_timeline(const struct sr_history_query *query, int64_t origin, int64_t interval,
			struct sr_history_interval **intervals, int *count)
{
	struct list samples = {0};
	struct sr_history_walk walk;
	struct sr_history_op op;
	int64_t last = -1;
	int rc = 0;

	*intervals = NULL;
	*count = 0;
	sr_history_walk_begin(&walk, query);
	while (rc == 0 && sr_history_walk_next(&walk, &op)) {
		struct sample *sample;

		if (op.started < origin)
			continue;
		sample = list_add(&samples, sizeof(*sample));
		rc = sample ? 0 : -SR_ENOMEM;
		if (!sample)
			break;
		*sample = (struct sample){(op.started - origin) / interval, op.ended - op.started};
		if (sample->interval > last)
			last = sample->interval;
		if (last >= INTERVALS_MAX)
			rc = -SR_ELIMIT;
	}
	if (rc == 0 && last >= 0) {
		*intervals = calloc((size_t)last + 1, sizeof(**intervals));
		rc = *intervals ? 0 : -SR_ENOMEM;
	}
	if (*intervals) {
		*count = (int)last + 1;
		sr_history_walk_begin(&walk, query);
		while (sr_history_walk_next(&walk, &op))
			if (op.started >= origin && op.error[0])
				(*intervals)[(op.started - origin) / interval].failed++;
		sum_up(samples.data, samples.count, *intervals);
	}
	free(samples.data);
	return rc;
}
