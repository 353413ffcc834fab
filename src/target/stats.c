#include "stats.h"

#include "app.h"
#include "fault.h"
#include "mcp/mcp.h"
#include "prom.h"
#include "route.h"
#include "series.h"

#include "scalerun/base/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static const int statuses[] = {200, 202, 400, 401, 403, 404, 405, 406, 409, 413, 415, 429, 500, 503, 0 /* any other */};
#define SR_STATS_STATUSES (int)(sizeof(statuses) / sizeof(statuses[0]))

struct sr_stats {
	int routes;
	int projects;
	atomic_int in_flight;
	atomic_llong counters[SR_STATS_COUNTERS];
	atomic_llong *requests;                                     /* by project */
	struct sr_series (*series)[sizeof(statuses) / sizeof(int)]; /* by route, then status */
};

static const struct {
	const char *name;
	const char *help;
} counter_names[SR_STATS_COUNTERS] = {
    [SR_STATS_RATE_LIMITED] = {"rate_limited_total", "Reservations refused with 429."},
    [SR_STATS_LIMITER_SKIPPED] = {"rate_limiter_skipped_total",
				  "Reservations let through unlimited because Redis was not available."},
    [SR_STATS_IDS_ALLOCATED] = {"ids_allocated_total", "Ids handed out."},
    [SR_STATS_RESERVATIONS_SWEPT] = {"reservations_swept_total", "Expired reservations deleted."},
};

struct sr_stats *sr_stats_new(int routes, int projects)
{
	struct sr_stats *stats = calloc(1, sizeof(*stats));

	if (!stats)
		return NULL;
	stats->routes = routes;
	stats->projects = projects;
	stats->requests = calloc((size_t)projects, sizeof(*stats->requests));
	stats->series = calloc((size_t)routes + 1, sizeof(*stats->series));
	if (!stats->requests || !stats->series) {
		sr_stats_free(stats);
		return NULL;
	}
	return stats;
}

void sr_stats_free(struct sr_stats *stats)
{
	if (!stats)
		return;
	free(stats->requests);
	free(stats->series);
	free(stats);
}

void sr_stats_enter(struct sr_stats *stats)
{
	atomic_fetch_add(&stats->in_flight, 1);
}

int sr_stats_in_flight(struct sr_stats *stats)
{
	return atomic_load(&stats->in_flight);
}

static void count(struct sr_stats *stats, int route, int status, int64_t duration, int project)
{
	int s = 0;

	while (s < SR_STATS_STATUSES - 1 && statuses[s] != status)
		s++;
	sr_series_add(&stats->series[route][s], duration);
	if (project >= 0)
		atomic_fetch_add_explicit(&stats->requests[project], 1, memory_order_relaxed);
}

void sr_stats_leave(struct sr_stats *stats, int route, int status, int64_t duration, int project)
{
	if (!sr_fault_due(SR_FAULT_METRICS_LIE))
		count(stats, route, status, duration, project);
	atomic_fetch_sub(&stats->in_flight, 1);
}

void sr_stats_add(struct sr_stats *stats, enum sr_stats_counter counter, int64_t n)
{
	atomic_fetch_add_explicit(&stats->counters[counter], n, memory_order_relaxed);
}

static void render_durations(struct sr_stats *stats, struct sr_prom *prom)
{
	static const char name[] = "http_request_duration_seconds";

	sr_prom_head(prom, name, "histogram", "Time from request line to the end of the answer, by route and status.");
	for (int r = 0; r <= stats->routes; r++) {
		for (int s = 0; s < SR_STATS_STATUSES; s++) {
			char status[12];
			struct sr_prom_label labels[] = {{"route", sr_route_name(r)}, {"status", status}};

			snprintf(status, sizeof(status), statuses[s] ? "%d" : "other", statuses[s]);
			sr_series_render(&stats->series[r][s], prom, name, labels, 2);
		}
	}
}

static void render_one(struct sr_prom *prom, const char *name, const char *type, const char *help, double value)
{
	sr_prom_head(prom, name, type, help);
	sr_prom_sample(prom, name, NULL, 0, value);
}

static void render_pool(struct sr_app *app, struct sr_prom *prom)
{
	struct sr_db_stats db;
	struct sr_prom_label idle = {"state", "idle"};
	struct sr_prom_label active = {"state", "active"};

	sr_db_stats(app->db, &db);
	if (sr_fault_on(SR_FAULT_METRICS_LIE)) {
		db.pool.idle /= 2;
		db.pool.active /= 2;
		db.pool.max_used /= 2;
	}
	sr_prom_head(prom, "db_pool_connections", "gauge", "Database connections of the pool, by state.");
	sr_prom_sample(prom, "db_pool_connections", &idle, 1, db.pool.idle);
	sr_prom_sample(prom, "db_pool_connections", &active, 1, db.pool.active);
	render_one(prom, "db_pool_max_used", "gauge", "Most connections in use at once since the start.",
		   db.pool.max_used);
	render_one(prom, "db_pool_waiting", "gauge", "Requests waiting for a connection.", db.pool.waiting);
	render_one(prom, "db_pool_size", "gauge", "Connections kept.", app->options->pool_size);
	render_one(prom, "db_pool_max_overflow", "gauge", "Further connections while all are busy.",
		   app->options->max_overflow);
	render_one(prom, "db_pool_timeouts_total", "counter", "Requests that got no connection in time.",
		   (double)db.pool.timeouts);
	render_one(prom, "db_connections_opened_total", "counter", "Connections opened by the pool.",
		   (double)db.pool.opened);
	render_one(prom, "db_reconnects_total", "counter", "Attempts after a lost or refused connection.",
		   (double)db.reconnects);
	render_one(prom, "db_serialization_retries_total", "counter",
		   "Transactions run again after a serialization failure.", (double)db.serialization_retries);
}

int sr_stats_render(struct sr_app *app, struct sr_buf *buf)
{
	struct sr_prom prom = {.buf = buf};
	struct sr_stats *stats = app->stats;
	struct sr_prom_label info[] = {{"version", SCALERUN_VERSION}, {"replica", app->options->replica}};

	sr_prom_head(&prom, "scalerun_target_info", "gauge", "Always 1; the labels say what runs.");
	sr_prom_sample(&prom, "scalerun_target_info", info, 2, 1);
	render_one(&prom, "uptime_seconds", "gauge", "Time since the start.",
		   (double)(sr_now() - app->started) / (double)SR_S);
	render_one(&prom, "http_requests_in_flight", "gauge", "Requests not yet answered, this one included.",
		   atomic_load(&stats->in_flight));
	render_durations(stats, &prom);
	sr_prom_head(&prom, "task_tracking_requests", "counter", "Authenticated requests, by project of the key.");
	for (int i = 0; i < stats->projects; i++) {
		struct sr_prom_label label = {"project_id", sr_keys_project(app->keys, i)};

		sr_prom_sample(&prom, "task_tracking_requests", &label, 1, (double)atomic_load(&stats->requests[i]));
	}
	render_pool(app, &prom);
	for (int i = 0; i < SR_STATS_COUNTERS; i++)
		render_one(&prom, counter_names[i].name, "counter", counter_names[i].help,
			   (double)atomic_load(&stats->counters[i]));
	sr_mcp_render(app, &prom);
	render_one(&prom, "log_lines_dropped_total", "counter", "Log lines dropped because the reader lagged.",
		   (double)sr_jlog_dropped(app->log));
	return prom.error;
}
