/* Foreign markers: one search for what all markers begin with, and a closer look where that is found. */
#include "check.h"

#include <string.h>

static size_t common_prefix(const struct sr_history_marker *markers, int count)
{
	size_t len = count ? strlen(markers[0].marker) : 0;

	for (int i = 1; i < count; i++) {
		size_t same = 0;

		while (same < len && markers[i].marker[same] == markers[0].marker[same])
			same++;
		len = same;
	}
	return len;
}

static void found(const struct sr_history_op *op, const struct sr_history_marker *marker, struct sr_findings *findings)
{
	struct sr_finding *finding;

	if (strcmp(marker->project, sr_history_labels(op->history)->project) == 0) {
		findings->controls++;
		return;
	}
	finding = findings_add(findings, "foreign", (struct sr_text){marker->marker, strlen(marker->marker)});
	if (finding) {
		finding->op = *op;
		finding->owner = marker->project;
	}
}

static void look(const struct sr_history_op *op, const struct sr_history_marker *markers, int count, size_t prefix,
		 struct sr_findings *findings)
{
	const char *at = op->output.data, *end = at + op->output.len;

	while (at < end && (at = memmem(at, (size_t)(end - at), markers[0].marker, prefix))) {
		for (int i = 0; i < count; i++) {
			size_t len = strlen(markers[i].marker);

			if (len <= (size_t)(end - at) && memcmp(at, markers[i].marker, len) == 0)
				found(op, &markers[i], findings);
		}
		at++;
	}
}

int sr_history_foreign_markers(const struct sr_history_query *query, const struct sr_history_marker *markers, int count,
			       struct sr_findings *findings)
{
	size_t prefix = common_prefix(markers, count);
	struct sr_history_walk walk;
	struct sr_history_op op;

	memset(findings, 0, sizeof(*findings));
	sr_history_walk_begin(&walk, query);
	while (sr_history_walk_next(&walk, &op)) {
		if (op.output.len == 0)
			continue;
		findings->ops += !op.error[0];
		findings->looked_at++;
		if (prefix > 0) {
			look(&op, markers, count, prefix, findings);
			continue;
		}
		for (int i = 0; i < count; i++)
			look(&op, &markers[i], 1, strlen(markers[i].marker), findings);
	}
	return 0;
}
