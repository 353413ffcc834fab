/* Ids as a set: that each is there once, and that none is left out. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

static void found_repeated(struct sr_findings *findings, struct sr_text value, const struct sr_history_op *op,
			   struct ref first)
{
	struct sr_finding *finding = findings_add(findings, "repeated", value);

	if (!finding)
		return;
	finding->op = *op;
	sr_history_at(first.history, first.row, &finding->other);
}

/* The values of one op. */
static int unique_values(struct index *index, struct list *firsts, const struct sr_history_op *op, uint64_t salt,
			 struct sr_findings *findings)
{
	struct sr_text value;
	size_t pos = 0;

	while (sr_history_value(op->output, &pos, &value)) {
		int64_t number = index_put(index, value, salt, (uint32_t)firsts->count);

		if (number < 0)
			return -SR_ENOMEM;
		findings->looked_at++;
		if ((size_t)number < firsts->count) {
			found_repeated(findings, value, op, ((struct ref *)firsts->data)[number]);
			continue;
		}
		struct ref *first = list_add(firsts, sizeof(*first));

		if (!first)
			return -SR_ENOMEM;
		*first = ref_of(op);
	}
	return 0;
}

int sr_history_unique(const struct sr_history_query *query, bool per_project, struct sr_findings *findings)
{
	struct index index = {0};
	struct list firsts = {0};
	struct sr_history_walk walk;
	struct sr_history_op op;
	int rc = index_expect(&index, count_of(query) / 2);

	memset(findings, 0, sizeof(*findings));
	sr_history_walk_begin(&walk, query);
	while (rc == 0 && sr_history_walk_next(&walk, &op)) {
		if (op.error[0])
			continue;
		findings->ops++;
		rc = unique_values(&index, &firsts, &op,
				   per_project ? salt_of(sr_history_labels(op.history)->project, 0) : 0, findings);
	}
	findings->distinct = (int64_t)firsts.count;
	index_deinit(&index);
	free(firsts.data);
	return rc;
}

static void sequence_value(char *seen, const char *prefix, int64_t low, int64_t high, struct sr_text value,
			   const struct sr_history_op *op, struct sr_findings *findings)
{
	struct sr_text its_prefix;
	struct sr_finding *finding;
	const char *problem = NULL;
	int64_t number;

	findings->looked_at++;
	if (!id_parse(value, &its_prefix, &number) || its_prefix.len != strlen(prefix) ||
	    memcmp(its_prefix.data, prefix, its_prefix.len) != 0 || number < low || number > high) {
		problem = "extra";
		findings->extra++;
	} else if (seen[number - low]) {
		problem = "repeated";
		findings->repeated++;
	} else {
		seen[number - low] = 1;
		findings->distinct++;
		return;
	}
	finding = findings_add(findings, problem, value);
	if (finding)
		finding->op = *op;
}

int sr_history_sequence(const struct sr_history_query *query, const char *prefix, int64_t low, int64_t high,
			struct sr_findings *findings)
{
	struct sr_history_walk walk;
	struct sr_history_op op;
	struct sr_text value;
	char *seen;

	memset(findings, 0, sizeof(*findings));
	if (high - low >= INT64_C(1) << 28)
		return -SR_ELIMIT;
	seen = calloc((size_t)(high - low + 1), 1);
	if (!seen)
		return -SR_ENOMEM;
	sr_history_walk_begin(&walk, query);
	while (sr_history_walk_next(&walk, &op)) {
		size_t pos = 0;

		if (op.error[0])
			continue;
		findings->ops++;
		while (sr_history_value(op.output, &pos, &value))
			sequence_value(seen, prefix, low, high, value, &op, findings);
	}
	for (int64_t number = low; number <= high; number++) {
		struct sr_finding *finding;

		if (seen[number - low])
			continue;
		findings->missing++;
		finding = findings_add(findings, "missing", (struct sr_text){"", 0});
		if (finding)
			finding->number = number;
	}
	free(seen);
	return 0;
}
