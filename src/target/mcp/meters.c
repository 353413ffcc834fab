#include "mcp/meters.h"

#include "mcp/tools.h"
#include "series.h"

#include <stdlib.h>

struct tool {
	atomic_llong outcomes[SR_INVOCATIONS];
	struct sr_series duration;
};

struct sr_meters {
	atomic_llong loads[SR_KINDS][SR_LOADS];
	struct sr_series latency[SR_KINDS][SR_LOADS];
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

	if (meters)
		meters->tool_count = tools;
	return meters;
}

void sr_meters_free(struct sr_meters *meters)
{
	free(meters);
}

void sr_meters_loaded(struct sr_meters *meters, enum sr_kind kind, enum sr_load load, int64_t duration)
{
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
	render_latency(meters, prom);
	render_tools(meters, prom, tools);
}
