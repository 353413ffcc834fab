#include "reservations.h"
#include "artifact.h"
#include "handlers.h"
#include "ids.h"
#include "rate.h"
#include "registry.h"
#include "request.h"
#include "task_row.h"
#include "text.h"

#include "scalerun/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct sr_statement insert_statement = {
    "reservation_insert",
    "INSERT INTO id_reservations (artifact_type, project_id, reserved_ids, reserved_at, expires_at) "
    "VALUES ($1, $2, $3, now(), now() + $4 * interval '1 millisecond') "
    "RETURNING reservation_id, " SR_UTC("expires_at"),
    4, true};
static const struct sr_statement confirm_statement = {
    "reservation_confirm",
    "UPDATE id_reservations SET confirmed = true "
    "WHERE reservation_id = $1 AND project_id = $2 AND (confirmed OR expires_at > now())",
    2, true};
static const struct sr_statement sweep_statement = {
    "reservation_sweep",
    "DELETE FROM id_reservations WHERE NOT confirmed AND expires_at <= now() AND ($1::text IS NULL OR project_id = $1)",
    1, true};

struct reserve {
	struct sr_allocation allocation;
	const char *project;
	int64_t ttl;
	struct sr_jsonw ids; /* the reserved ids, a JSON array */
	char reservation_id[37];
	char expires_at[40];
};

static int insert_reservation(struct sr_db_conn *conn, struct sr_allocation *allocation, void *arg,
			      struct sr_error *err)
{
	struct reserve *reserve = arg;
	char ttl[24];
	const char *values[] = {allocation->type, reserve->project, NULL, ttl};
	char id[SR_ARTIFACT_ID_SIZE];
	PGresult *result;
	int rc;

	sr_jsonw_clear(&reserve->ids);
	sr_jsonw_begin(&reserve->ids, '[');
	for (int i = 0; i < allocation->count; i++) {
		sr_artifact_id(id, allocation->type, allocation->first + i);
		sr_jsonw_string(&reserve->ids, id);
	}
	sr_jsonw_end(&reserve->ids, ']');
	values[2] = sr_buf_cstr(&reserve->ids.buf);
	if (reserve->ids.error || !values[2])
		return sr_fail(err, SR_ENOMEM, "ids.reserve", "out of memory");
	snprintf(ttl, sizeof(ttl), "%lld", (long long)(reserve->ttl / SR_MS));
	rc = sr_db_exec(conn, &insert_statement, values, &result, err);
	if (rc)
		return rc;
	snprintf(reserve->reservation_id, sizeof(reserve->reservation_id), "%s", PQgetvalue(result, 0, 0));
	snprintf(reserve->expires_at, sizeof(reserve->expires_at), "%s", PQgetvalue(result, 0, 1));
	PQclear(result);
	return 0;
}

static int reserve_work(struct sr_db_conn *conn, void *arg, struct sr_error *err)
{
	struct reserve *reserve = arg;

	return sr_registry_allocate(conn, &reserve->allocation, insert_reservation, reserve, err);
}

static bool within_rate(struct sr_request *req)
{
	struct sr_rate_verdict verdict;
	struct sr_error err;

	sr_rate_take(req->app->kv, req->project, req->app->options->reserve_rate, &verdict, &err);
	if (verdict.skipped) {
		sr_stats_add(req->app->stats, SR_STATS_LIMITER_SKIPPED, 1);
		sr_jlog_event(req->app->log, SR_LOG_WARN, "rate_limiter_skipped", "reservation not limited: %s",
			      err.text);
	}
	if (verdict.allowed)
		return true;
	sr_stats_add(req->app->stats, SR_STATS_RATE_LIMITED, 1);
	req->retry_after = verdict.retry_after;
	sr_request_error(req, 429, "More than %d reservations a minute; try again in %lld s",
			 req->app->options->reserve_rate, (long long)verdict.retry_after);
	return false;
}

static void reserve_answer(struct sr_request *req, const struct reserve *reserve)
{
	struct sr_jsonw *out = sr_request_begin_ok(req);
	char id[SR_ARTIFACT_ID_SIZE];

	sr_jsonw_key(out, "reservation_id");
	sr_jsonw_string(out, reserve->reservation_id);
	sr_jsonw_key(out, "artifact_type");
	sr_jsonw_string(out, reserve->allocation.type);
	sr_jsonw_key(out, "reserved_ids");
	sr_jsonw_begin(out, '[');
	for (int i = 0; i < reserve->allocation.count; i++) {
		sr_artifact_id(id, reserve->allocation.type, reserve->allocation.first + i);
		sr_jsonw_string(out, id);
	}
	sr_jsonw_end(out, ']');
	sr_jsonw_key(out, "expires_at");
	sr_jsonw_string(out, reserve->expires_at);
	sr_request_end_ok(req);
}

void sr_reservations_reserve(struct sr_request *req)
{
	struct reserve reserve = {.allocation = {.scope = sr_ids_scope(req), .allow_faults = true},
				  .project = req->project,
				  .ttl = req->app->options->reservation_ttl};
	const char *type, *project;
	int64_t count;
	struct sr_error err;
	int rc;

	if (!sr_request_json(req) || !sr_request_string(req, req->json, "", "type", false, 64, &type) ||
	    !sr_ids_check_type(req, type, &reserve.allocation.type) ||
	    !sr_request_integer(req, req->json, "count", 1, 100, &count) ||
	    !sr_request_string(req, req->json, "", "project_id", false, 200, &project) ||
	    !sr_request_check_project(req, "project_id", project) || !sr_ids_check_owner(req, project) ||
	    !within_rate(req))
		return;
	reserve.allocation.count = (int)count;
	sr_jsonw_init(&reserve.ids, 8192);
	rc = sr_db_run(req->app->db, reserve_work, &reserve, &err);
	if (rc) {
		sr_request_db_error(req, rc, &err);
	} else {
		sr_stats_add(req->app->stats, SR_STATS_IDS_ALLOCATED, count);
		reserve_answer(req, &reserve);
	}
	sr_jsonw_deinit(&reserve.ids);
}

/* One statement whose number of touched rows is the answer. */
struct touch {
	const struct sr_statement *statement;
	const char *values[2];
	int64_t rows;
};

static int touch_work(struct sr_db_conn *conn, void *arg, struct sr_error *err)
{
	struct touch *touch = arg;
	PGresult *result;
	int rc = sr_db_exec(conn, touch->statement, touch->values, &result, err);

	if (rc)
		return rc;
	touch->rows = strtoll(PQcmdTuples(result), NULL, 10);
	PQclear(result);
	return 0;
}

void sr_reservations_confirm(struct sr_request *req)
{
	struct touch touch = {.statement = &confirm_statement, .values = {NULL, req->project}};
	struct sr_error err;
	struct sr_jsonw *out;
	int rc;

	if (!sr_request_json(req) ||
	    !sr_request_string(req, req->json, "", "reservation_id", true, 64, &touch.values[0]))
		return;
	if (!sr_text_is_uuid(touch.values[0])) {
		sr_request_error(req, 400, "reservation_id: malformed; allowed: a UUID");
		return;
	}
	rc = sr_db_run(req->app->db, touch_work, &touch, &err);
	if (rc) {
		sr_request_db_error(req, rc, &err);
		return;
	}
	if (touch.rows == 0) {
		sr_request_error(req, 404, "No such reservation, or it has expired");
		return;
	}
	out = sr_request_begin_ok(req);
	sr_jsonw_key(out, "reservation_id");
	sr_jsonw_string(out, touch.values[0]);
	sr_jsonw_key(out, "confirmed");
	sr_jsonw_bool(out, true);
	sr_request_end_ok(req);
}

int sr_reservations_sweep(struct sr_db *db, const char *project, int64_t *deleted, struct sr_error *err)
{
	struct touch touch = {.statement = &sweep_statement, .values = {project}};
	int rc = sr_db_run(db, touch_work, &touch, err);

	*deleted = touch.rows;
	return rc;
}

void sr_reservations_delete_expired(struct sr_request *req)
{
	struct sr_error err;
	struct sr_jsonw *out;
	int64_t deleted;
	int rc = sr_reservations_sweep(req->app->db, req->project, &deleted, &err);

	if (rc) {
		sr_request_db_error(req, rc, &err);
		return;
	}
	sr_stats_add(req->app->stats, SR_STATS_RESERVATIONS_SWEPT, deleted);
	out = sr_request_begin_ok(req);
	sr_jsonw_key(out, "deleted_count");
	sr_jsonw_int(out, deleted);
	sr_request_end_ok(req);
}
