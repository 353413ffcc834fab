#include "mcp/meters.h"

#include "fault.h"
#include "mcp/tools.h"
#include "series.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct tool {
	atomic_llong outcomes[SR_INVOCATIONS];
	struct sr_series duration;
};

/* How often a document was read from disk; they are few, and rarely read. */
struct document {
	struct document *next;
	enum sr_kind kind;
	int64_t loads;
	char name[];
};

struct sr_meters {
	atomic_llong loads[SR_KINDS][SR_LOADS];
	struct sr_series latency[SR_KINDS][SR_LOADS];
	pthread_mutex_t lock; /* of documents */
	struct document *documents;
	int tool_count;
	struct tool tools[];
};

static const char *const load_names[SR_LOADS] = {
    [SR_LOAD_HIT] = "cache", [SR_LOAD_MISS] = "disk", [SR_LOAD_BYPASS] = "disk_without_cache"};
static const char *const outcome_names[SR_INVOCATIONS] = {
    [SR_INVOCATION_SUCCESS] = "success", [SR_INVOCATION_ERROR] = "error", [SR_INVOCATION_INVALID] = "invalid"};

struct sr_meters *sr_meters_new(int tools)
{
	struct sr_meters *meters = calloc(1, sizeof(*meters) + (size_t)tools * sizeof(meters->tools[0]));

	if (!meters)
		return NULL;
	meters->tool_count = tools;
	pthread_mutex_init(&meters->lock, NULL);
	return meters;
}

void sr_meters_free(struct sr_meters *meters)
{
	struct document *document;

	if (!meters)
		return;
	while ((document = meters->documents)) {
		meters->documents = document->next;
		free(document);
	}
	pthread_mutex_destroy(&meters->lock);
	free(meters);
}

/* Lock held. NULL: no memory. */
static struct document *find_document(struct sr_meters *meters, enum sr_kind kind, const char *name)
{
	struct document *document = meters->documents;

	while (document && (document->kind != kind || strcmp(document->name, name) != 0))
		document = document->next;
	if (document)
		return document;
	document = calloc(1, sizeof(*document) + strlen(name) + 1);
	if (document) {
		document->kind = kind;
		strcpy(document->name, name);
		document->next = meters->documents;
		meters->documents = document;
	}
	return document;
}

static void count_document(struct sr_meters *meters, enum sr_kind kind, const char *name)
{
	struct document *document;

	pthread_mutex_lock(&meters->lock);
	document = find_document(meters, kind, name);
	if (document)
		document->loads++;
	pthread_mutex_unlock(&meters->lock);
}

void sr_meters_loaded(struct sr_meters *meters, enum sr_kind kind, const char *name, enum sr_load load,
		      int64_t duration)
{
	if (sr_fault_on(SR_FAULT_METRICS_LIE))
		load = SR_LOAD_HIT;
	if (load != SR_LOAD_HIT)
		count_document(meters, kind, name);
	atomic_fetch_add_explicit(&meters->loads[kind][load], 1, memory_order_relaxed);
	sr_series_add(&meters->latency[kind][load], duration);
}

void sr_meters_invoked(struct sr_meters *meters, int tool, enum sr_invocation outcome, int64_t duration)
{
	atomic_fetch_add_explicit(&meters->tools[tool].outcomes[outcome], 1, memory_order_relaxed);
	sr_series_add(&meters->tools[tool].duration, duration);
}

/* One counter by resource type: the sum of the loads whose bit is in `which`. */
static void render_loads(struct sr_meters *meters, struct sr_prom *prom, const char *name, const char *help,
			 unsigned which)
{
	sr_prom_head(prom, name, "counter", help);
	for (int kind = 0; kind < SR_KINDS; kind++) {
		struct sr_prom_label label = {"resource_type", sr_kind_name((enum sr_kind)kind)};
		int64_t n = 0;

		if (kind == SR_KIND_ARTIFACTS)
			continue;
		for (int load = 0; load < SR_LOADS; load++)
			n += which >> load & 1 ? atomic_load(&meters->loads[kind][load]) : 0;
		sr_prom_sample(prom, name, &label, 1, (double)n);
	}
}

static void render_documents(struct sr_meters *meters, struct sr_prom *prom)
{
	static const char name[] = "mcp_document_disk_loads_total";

	sr_prom_head(prom, name, "counter", "Loads from disk, by document.");
	pthread_mutex_lock(&meters->lock);
	for (const struct document *document = meters->documents; document; document = document->next) {
		struct sr_prom_label labels[] = {{"resource_type", sr_kind_name(document->kind)},
						 {"name", document->name}};

		sr_prom_sample(prom, name, labels, 2, (double)document->loads);
	}
	pthread_mutex_unlock(&meters->lock);
}

static void render_latency(struct sr_meters *meters, struct sr_prom *prom)
{
	static const char name[] = "mcp_resource_loading_latency_seconds";

	sr_prom_head(prom, name, "histogram", "Time to load a resource or a prompt, by type and where it came from.");
	for (int kind = 0; kind < SR_KINDS; kind++) {
		for (int load = 0; load < SR_LOADS; load++) {
			struct sr_prom_label labels[] = {{"resource_type", sr_kind_name((enum sr_kind)kind)},
							 {"source", load_names[load]}};

			sr_series_render(&meters->latency[kind][load], prom, name, labels, 2);
		}
	}
}

static void render_tools(struct sr_meters *meters, struct sr_prom *prom, const struct sr_tools *tools)
{
	static const char total[] = "tool_invocations_total";
	static const char duration[] = "tool_duration_seconds";

	sr_prom_head(prom, total, "counter", "Tool calls, by outcome; invalid: refused for its arguments.");
	for (int i = 0; i < meters->tool_count; i++) {
		for (int outcome = 0; outcome < SR_INVOCATIONS; outcome++) {
			struct sr_prom_label labels[] = {{"tool_name", sr_tools_name(tools, i)},
							 {"status", outcome_names[outcome]}};

			sr_prom_sample(prom, total, labels, 2,
				       (double)atomic_load(&meters->tools[i].outcomes[outcome]));
		}
	}
	sr_prom_head(prom, duration, "histogram", "Time that tools took.");
	for (int i = 0; i < meters->tool_count; i++) {
		struct sr_prom_label label = {"tool_name", sr_tools_name(tools, i)};

		sr_series_render(&meters->tools[i].duration, prom, duration, &label, 1);
	}
}

void sr_meters_render(struct sr_meters *meters, struct sr_prom *prom, const struct sr_tools *tools)
{
	render_loads(meters, prom, "mcp_resource_cache_hits_total", "Loads served from Redis.", 1u << SR_LOAD_HIT);
	render_loads(meters, prom, "mcp_resource_cache_misses_total", "Loads not served from Redis.",
		     1u << SR_LOAD_MISS | 1u << SR_LOAD_BYPASS);
	render_loads(meters, prom, "mcp_resource_disk_loads_total", "Loads from disk.",
		     1u << SR_LOAD_MISS | 1u << SR_LOAD_BYPASS);
	render_loads(meters, prom, "mcp_resource_cache_bypassed_total",
		     "Loads from disk because Redis was not to be had.", 1u << SR_LOAD_BYPASS);
	render_documents(meters, prom);
	render_latency(meters, prom);
	render_tools(meters, prom, tools);
}
