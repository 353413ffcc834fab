/* Real-time order: ids must not go back while time goes on.
 *
 * Allocations are looked at as they began; a second list, as they ended, goes along and says which is the largest id
 * of those that had ended by then. So a pair out of order is found in O(n log n), without looking at all pairs. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

struct allocation {
	int64_t started, ended, low, high;
	struct sr_text low_text, high_text;
	uint32_t group;
	struct ref ref;
};

static int compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int by_start(const void *a, const void *b)
{
	const struct allocation *x = a, *y = b;
	int order = compare(x->group, y->group);

	return order ? order : compare(x->started, y->started);
}

/* Positions in the list, by the end of what stands there. */
static int by_end(const void *a, const void *b, void *arg)
{
	const struct allocation *list = arg, *x = &list[*(const uint32_t *)a], *y = &list[*(const uint32_t *)b];
	int order = compare(x->group, y->group);

	return order ? order : compare(x->ended, y->ended);
}

/* False when the output holds no id. */
static bool read_ids(const struct sr_history_op *op, struct allocation *allocation)
{
	struct sr_text value, prefix;
	size_t pos = 0;
	int64_t number;
	bool any = false;

	while (sr_history_value(op->output, &pos, &value)) {
		if (!id_parse(value, &prefix, &number))
			continue;
		if (!any || number < allocation->low) {
			allocation->low = number;
			allocation->low_text = value;
		}
		if (!any || number > allocation->high) {
			allocation->high = number;
			allocation->high_text = value;
		}
		any = true;
	}
	return any;
}

static int gather(const struct sr_history_query *query, bool per_project, struct list *list,
		  struct sr_findings *findings)
{
	struct index groups = {0};
	struct sr_history_walk walk;
	struct sr_history_op op;
	int rc = 0;

	sr_history_walk_begin(&walk, query);
	while (rc == 0 && sr_history_walk_next(&walk, &op)) {
		struct allocation one = {.started = op.started, .ended = op.ended, .ref = ref_of(&op)}, *at;
		uint64_t salt = per_project ? salt_of(sr_history_labels(op.history)->project, 0) : 0;
		int64_t group;

		if (op.error[0] || !read_ids(&op, &one))
			continue;
		group = index_put(&groups, op.key, salt, (uint32_t)groups.count);
		at = group < 0 ? NULL : list_add(list, sizeof(*at));
		if (!at) {
			rc = -SR_ENOMEM;
			break;
		}
		one.group = (uint32_t)group;
		*at = one;
		findings->ops++;
	}
	index_deinit(&groups);
	return rc;
}

static void judge(const struct allocation *list, const uint32_t *ends, size_t count, struct sr_findings *findings)
{
	const struct allocation *largest = NULL; /* of those that have ended */
	size_t next = 0;

	for (size_t i = 0; i < count; i++) {
		const struct allocation *one = &list[i];
		struct sr_finding *finding;

		if (i == 0 || list[i - 1].group != one->group)
			largest = NULL;
		while (next < count &&
		       (list[ends[next]].group < one->group ||
			(list[ends[next]].group == one->group && list[ends[next]].ended < one->started))) {
			const struct allocation *ended = &list[ends[next++]];

			if (ended->group == one->group && (!largest || ended->high > largest->high))
				largest = ended;
		}
		if (!largest)
			continue;
		findings->looked_at++;
		if (largest->high < one->low)
			continue;
		finding = findings_add(findings, "order", one->low_text);
		if (finding) {
			sr_history_at(one->ref.history, one->ref.row, &finding->op);
			sr_history_at(largest->ref.history, largest->ref.row, &finding->other);
		}
	}
}

int sr_history_real_time_order(const struct sr_history_query *query, bool per_project, struct sr_findings *findings)
{
	struct list list = {0};
	uint32_t *ends = NULL;
	int rc;

	memset(findings, 0, sizeof(*findings));
	rc = gather(query, per_project, &list, findings);
	if (rc == 0 && list.count > 0) {
		ends = malloc(list.count * sizeof(*ends));
		rc = ends ? 0 : -SR_ENOMEM;
	}
	if (ends) {
		qsort(list.data, list.count, sizeof(struct allocation), by_start);
		for (size_t i = 0; i < list.count; i++)
			ends[i] = (uint32_t)i;
		qsort_r(ends, list.count, sizeof(*ends), by_end, list.data);
		judge(list.data, ends, list.count, findings);
	}
	free(ends);
	free(list.data);
	return rc;
}
