/* Registers: keys that are written and read.
 *
 * A write is over once another has begun after it had ended. So what a read may return is settled by two numbers: when
 * the latest of the writes that it must see began, and until when the value that it returned may have been written. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

struct write {
	int64_t started, ended;
	int64_t latest; /* start of the latest of this group's writes that ended by now */
	uint32_t group;
	struct ref ref, latest_ref;
};

struct registers {
	struct index groups; /* (project, kind, key[, user]) → whose writes a read must see */
	struct index values; /* (project, kind, key) and value → position in until */
	struct list writes;  /* acknowledged ones */
	struct list until;   /* int64_t: when the last write of that value ended; SR_NEVER where that is not known */
};

#define NEVER INT64_MAX

static const struct sr_text nothing = {"null", 4};

static void deinit(struct registers *registers)
{
	index_deinit(&registers->groups);
	index_deinit(&registers->values);
	free(registers->writes.data);
	free(registers->until.data);
}

static struct sr_text or_nothing(struct sr_text value)
{
	return value.len ? value : nothing;
}

/* Of a key: its project and kind. */
static uint64_t salt_of_op(const struct sr_history_op *op)
{
	return salt_of(op->kind, salt_of(sr_history_labels(op->history)->project, 0));
}

static uint64_t group_salt(const struct sr_history_op *op, bool per_user)
{
	return salt_of_op(op) + (per_user ? (uint64_t)op->user * UINT64_C(0x9e3779b97f4a7c15) : 0);
}

static uint64_t value_salt(const struct sr_history_op *op)
{
	return sr_history_hash(op->key.data, op->key.len) + salt_of_op(op);
}

static int note_value(struct registers *registers, const struct sr_history_op *op, int64_t ended)
{
	int64_t at =
	    index_put(&registers->values, or_nothing(op->input), value_salt(op), (uint32_t)registers->until.count);
	int64_t *until;

	if (at < 0)
		return -SR_ENOMEM;
	if ((size_t)at == registers->until.count && !list_add(&registers->until, sizeof(*until)))
		return -SR_ENOMEM;
	until = (int64_t *)registers->until.data + at;
	if (ended > *until)
		*until = ended;
	return 0;
}

static int add_write(struct registers *registers, const struct sr_history_op *op, bool per_user)
{
	enum sr_history_outcome outcome = sr_history_outcome(op->error);
	struct write *write;
	int64_t group;

	if (outcome == SR_HISTORY_REFUSED)
		return 0;
	if (note_value(registers, op, outcome == SR_HISTORY_OK ? op->ended : NEVER))
		return -SR_ENOMEM;
	if (outcome != SR_HISTORY_OK)
		return 0;
	group = index_put(&registers->groups, op->key, group_salt(op, per_user), (uint32_t)registers->groups.count);
	write = group < 0 ? NULL : list_add(&registers->writes, sizeof(*write));
	if (!write)
		return -SR_ENOMEM;
	*write = (struct write){op->started, op->ended, op->started, (uint32_t)group, ref_of(op), ref_of(op)};
	return 0;
}

static int compare_writes(const void *a, const void *b)
{
	const struct write *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return (x->ended > y->ended) - (x->ended < y->ended);
}

static void sort_writes(struct registers *registers)
{
	struct write *writes = registers->writes.data;

	if (registers->writes.count)
		qsort(writes, registers->writes.count, sizeof(*writes), compare_writes);
	for (size_t i = 1; i < registers->writes.count; i++) {
		if (writes[i].group == writes[i - 1].group && writes[i - 1].latest > writes[i].latest) {
			writes[i].latest = writes[i - 1].latest;
			writes[i].latest_ref = writes[i - 1].latest_ref;
		}
	}
}

static int gather(struct registers *registers, const struct sr_history_query *query, bool per_user)
{
	struct sr_history_query writes = *query;
	struct sr_history_walk walk;
	struct sr_history_op op;
	int rc = 0;

	writes.f = "write";
	sr_history_walk_begin(&walk, &writes);
	while (rc == 0 && sr_history_walk_next(&walk, &op))
		rc = add_write(registers, &op, per_user);
	sort_writes(registers);
	return rc;
}

/* The last write of the group that had ended before that time, or NULL. */
static const struct write *seen_by(const struct registers *registers, int64_t group, int64_t time)
{
	const struct write *writes = registers->writes.data;
	size_t low = 0, high = registers->writes.count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (writes[middle].group < group || (writes[middle].group == group && writes[middle].ended < time))
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && writes[low - 1].group == group ? &writes[low - 1] : NULL;
}

/* What is wrong with a value in view of the writes that had to be seen; NULL: nothing. key says whose value it is. */
static const char *problem_of(const struct registers *registers, const struct write *must, struct sr_text value,
			      const struct sr_history_op *key)
{
	int64_t at = index_get(&registers->values, or_nothing(value), value_salt(key));

	if (at >= 0 && ((const int64_t *)registers->until.data)[at] >= must->latest)
		return NULL;
	if (at >= 0)
		return "stale";
	value = or_nothing(value);
	return value.len == nothing.len && memcmp(value.data, nothing.data, value.len) == 0 ? "nothing"
											    : "unknown value";
}

static void judge_read(const struct registers *registers, const struct sr_history_op *read, bool per_user,
		       struct sr_findings *findings)
{
	int64_t group = index_get(&registers->groups, read->key, group_salt(read, per_user));
	const struct write *must = group < 0 ? NULL : seen_by(registers, group, read->started);
	struct sr_text value = read->error[0] ? nothing : read->output;
	struct sr_finding *finding;
	const char *problem;

	if (!must)
		return;
	findings->looked_at++;
	problem = problem_of(registers, must, value, read);
	finding = problem ? findings_add(findings, problem, value) : NULL;
	if (!finding)
		return;
	finding->op = *read;
	sr_history_at(must->latest_ref.history, must->latest_ref.row, &finding->other);
}

int sr_history_read_your_writes(const struct sr_history_query *query, bool per_user, struct sr_findings *findings)
{
	struct sr_history_query reads = *query;
	struct registers registers = {0};
	struct sr_history_walk walk;
	struct sr_history_op op;
	int rc = gather(&registers, query, per_user);

	memset(findings, 0, sizeof(*findings));
	reads.f = "read";
	sr_history_walk_begin(&walk, &reads);
	while (rc == 0 && sr_history_walk_next(&walk, &op)) {
		/* A refused read is one of nothing where the target says that there is nothing. */
		if (op.error[0] && strcmp(op.error, "http 404") != 0)
			continue;
		findings->ops++;
		judge_read(&registers, &op, per_user, findings);
	}
	deinit(&registers);
	return rc;
}

struct presence {
	struct index index;
	const struct sr_history_found *found;
};

static const struct sr_history_found *find_present(const struct presence *presence, struct sr_text key,
						   const struct sr_history_op *op)
{
	int64_t at = index_get(&presence->index, key, salt_of(sr_history_labels(op->history)->project, 0));

	if (at < 0)
		at = index_get(&presence->index, key, salt_of("", 0));
	return at < 0 ? NULL : &presence->found[at];
}

static void lost(struct sr_findings *findings, const char *problem, struct sr_text value,
		 const struct sr_history_op *op)
{
	struct sr_finding *finding = findings_add(findings, problem, value);

	if (finding)
		finding->op = *op;
}

static void judge_write(const struct registers *registers, const struct presence *presence,
			const struct sr_history_op *op, struct sr_findings *findings)
{
	const struct sr_history_found *found = find_present(presence, op->key, op);
	int64_t group = index_get(&registers->groups, op->key, group_salt(op, false));
	const struct write *last = group < 0 ? NULL : seen_by(registers, group, NEVER);

	findings->looked_at++;
	if (!found)
		lost(findings, "lost", op->key, op);
	else if (last && last->ref.row == op->row && found->value.len && problem_of(registers, last, found->value, op))
		lost(findings, "overwritten", found->value, op); /* said once for each key: by its last write */
}

static void judge_add(const struct presence *presence, const struct sr_history_op *op, struct sr_findings *findings)
{
	struct sr_text value;
	size_t pos = 0;

	while (sr_history_value(op->output, &pos, &value)) {
		findings->looked_at++;
		if (!find_present(presence, value, op))
			lost(findings, "lost", value, op);
	}
}

int sr_history_lost_writes(const struct sr_history_query *query, const struct sr_history_found *found, int count,
			   struct sr_findings *findings)
{
	struct presence presence = {.found = found};
	struct registers registers = {0};
	struct sr_history_walk walk;
	struct sr_history_op op;
	int rc = gather(&registers, query, false);

	memset(findings, 0, sizeof(*findings));
	for (int i = 0; rc == 0 && i < count; i++)
		rc = index_put(&presence.index, found[i].key, salt_of(found[i].project, 0), (uint32_t)i) < 0
			 ? -SR_ENOMEM
			 : 0;
	sr_history_walk_begin(&walk, query);
	while (rc == 0 && sr_history_walk_next(&walk, &op)) {
		if (op.error[0])
			continue;
		findings->ops++;
		if (strcmp(op.f, "write") == 0)
			judge_write(&registers, &presence, &op, findings);
		else if (strcmp(op.f, "add") == 0)
			judge_add(&presence, &op, findings);
	}
	deinit(&registers);
	index_deinit(&presence.index);
	return rc;
}
