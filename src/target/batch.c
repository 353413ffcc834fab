#include "artifact.h"
#include "fault.h"
#include "handlers.h"
#include "ids.h"
#include "mcp/queue.h"
#include "registry.h"
#include "request.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SR_BATCH_MAX        100
#define SR_BATCH_TEXT_MAX   20000
#define SR_BATCH_NAME_MAX   200
#define SR_BATCH_NUMBER_MAX 999999999 /* no task_id of a client's moves the registry further */

/* One statement for all rows; created_at grows by a microsecond, so that the batch keeps its order. */
static const struct sr_statement insert_statement = {
    "batch_insert",
    "INSERT INTO tasks (task_id, project_id, description, generator_name, inputs, expected_outputs, context_notes, "
    "created_at, updated_at) "
    "SELECT t->>'task_id', $1, t->>'description', t->>'generator_name', t->'inputs', t->'expected_outputs', "
    "t->>'context_notes', now() + n * interval '1 microsecond', now() "
    "FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS rows(t, n) "
    "RETURNING " SR_QUEUE_COLUMNS,
    2, true};
static const struct sr_statement highest_statement = {
    "batch_highest",
    "SELECT coalesce(max(substring(task_id FROM '^TASK-([0-9]{1,9})$')::bigint), 0) FROM tasks WHERE project_id = $1",
    1, false};

struct batch {
	const char *project;
	json_t *rows;     /* what will be inserted, in order */
	int unnamed;      /* how many of them get an id from the registry */
	bool *is_unnamed; /* which */
	struct sr_allocation allocation;
	PGresult *inserted; /* SR_QUEUE_COLUMNS of the rows */
};

static bool copy_text(struct sr_request *req, json_t *row, const json_t *item, const char *where, const char *name,
		      bool required, size_t max)
{
	const char *value;

	if (!sr_request_string(req, item, where, name, required, max, &value))
		return false;
	json_object_set_new(row, name, value ? json_string(value) : json_null());
	return true;
}

static bool copy_array(struct sr_request *req, json_t *row, const json_t *item, const char *where, const char *name)
{
	json_t *value = json_object_get(item, name);

	if (value && !json_is_null(value) && !json_is_array(value)) {
		sr_request_error(req, 400, "%s%s: wrong type; allowed: an array", where, name);
		return false;
	}
	if (json_is_array(value))
		json_object_set(row, name, value);
	else
		json_object_set_new(row, name, json_array());
	return true;
}

static bool check_names(struct sr_request *req, const json_t *item, const char *where)
{
	const char *project, *status, *task_id;
	char field[48];

	if (!sr_request_string(req, item, where, "project_id", false, 200, &project) ||
	    !sr_request_string(req, item, where, "status", false, 64, &status) ||
	    !sr_request_string(req, item, where, "task_id", false, 200, &task_id))
		return false;
	if (status && strcmp(status, "pending") != 0) {
		sr_request_error(req, 400, "%sstatus: tasks are added as pending; allowed: pending", where);
		return false;
	}
	if (task_id && !sr_text_is_task_id(task_id)) {
		sr_request_error(req, 400, "%stask_id: malformed; allowed: an id matching " SR_TASK_ID_RULE, where);
		return false;
	}
	snprintf(field, sizeof(field), "%sproject_id", where);
	return !project || (sr_request_check_project(req, field, project) && sr_ids_check_owner(req, project));
}

/* Checks item number i and appends its row. False after having answered. */
static bool add_row(struct sr_request *req, struct batch *batch, const json_t *item, size_t i)
{
	json_t *row = json_object();
	char where[32];

	snprintf(where, sizeof(where), "tasks[%zu].", i);
	json_array_append_new(batch->rows, row);
	if (!json_is_object(item)) {
		sr_request_error(req, 400, "tasks[%zu]: wrong type; allowed: an object", i);
		return false;
	}
	batch->is_unnamed[i] = !json_is_string(json_object_get(item, "task_id"));
	batch->unnamed += batch->is_unnamed[i];
	return check_names(req, item, where) && copy_text(req, row, item, where, "task_id", false, 100) &&
	       copy_text(req, row, item, where, "description", true, SR_BATCH_TEXT_MAX) &&
	       copy_text(req, row, item, where, "generator_name", false, SR_BATCH_NAME_MAX) &&
	       copy_text(req, row, item, where, "context_notes", false, SR_BATCH_TEXT_MAX) &&
	       copy_array(req, row, item, where, "inputs") && copy_array(req, row, item, where, "expected_outputs");
}

static bool read_batch(struct sr_request *req, struct batch *batch)
{
	const json_t *tasks = json_object_get(req->json, "tasks");
	const char *project;

	if (!sr_request_param(req, "project", &project) ||
	    (project && (!sr_request_check_project(req, "project", project) || !sr_ids_check_owner(req, project))))
		return false;
	if (!json_is_array(tasks) || json_array_size(tasks) < 1 || json_array_size(tasks) > SR_BATCH_MAX) {
		sr_request_error(req, 400, "tasks: %s; allowed: an array of 1 to %d tasks",
				 !tasks                 ? "required"
				 : json_is_array(tasks) ? "wrong length"
							: "wrong type",
				 SR_BATCH_MAX);
		return false;
	}
	for (size_t i = 0; i < json_array_size(tasks); i++) {
		if (!add_row(req, batch, json_array_get(tasks, i), i))
			return false;
	}
	return true;
}

static void name_rows(struct batch *batch, int64_t number)
{
	char id[SR_ARTIFACT_ID_SIZE];

	for (size_t i = 0; i < json_array_size(batch->rows); i++) {
		if (!batch->is_unnamed[i])
			continue;
		sr_artifact_id(id, "TASK", number++);
		json_object_set_new(json_array_get(batch->rows, i), "task_id", json_string(id));
	}
}

static int insert_rows(struct sr_db_conn *conn, struct batch *batch, struct sr_error *err)
{
	char *rows = json_dumps(batch->rows, JSON_COMPACT);
	const char *values[] = {batch->project, rows};
	int rc;

	PQclear(batch->inserted);
	batch->inserted = NULL;
	rc = rows ? sr_db_exec(conn, &insert_statement, values, &batch->inserted, err)
		  : sr_fail(err, SR_ENOMEM, "tasks.batch", "out of memory");
	free(rows);
	return rc;
}

static int insert_allocated(struct sr_db_conn *conn, struct sr_allocation *allocation, void *arg, struct sr_error *err)
{
	name_rows(arg, allocation->first);
	return insert_rows(conn, arg, err);
}

static bool is_taken(int rc, const struct sr_error *err)
{
	return rc == -SR_ESERVER && strcmp(err->detail, "23505") == 0;
}

/* The number in the row's task_id, 0 when it is not of the registry's form. */
static int64_t task_number(const json_t *row)
{
	const char *id = json_string_value(json_object_get(row, "task_id"));
	int64_t number = 0;

	if (strncmp(id, "TASK-", 5) == 0)
		sr_text_to_int(id + 5, 1, SR_BATCH_NUMBER_MAX, &number);
	return number;
}

/* The highest number of the project's and the batch's TASK ids, which need not come from the registry. */
static int read_highest(struct sr_db_conn *conn, struct batch *batch, struct sr_error *err)
{
	PGresult *result;
	int rc = sr_db_exec(conn, &highest_statement, &batch->project, &result, err);

	if (rc)
		return rc;
	batch->allocation.floor = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	for (size_t i = 0; i < json_array_size(batch->rows); i++) {
		int64_t number = batch->is_unnamed[i] ? 0 : task_number(json_array_get(batch->rows, i));

		if (number > batch->allocation.floor)
			batch->allocation.floor = number;
	}
	return 0;
}

/* fault lost_ack: the ids are taken for good, the rows' transaction is left open */
static int add_late(struct sr_db_conn *conn, struct batch *batch, struct sr_error *err)
{
	int rc = batch->unnamed > 0 ? sr_registry_allocate(conn, &batch->allocation, NULL, NULL, err) : 0;

	if (!rc)
		rc = sr_db_command(conn, "BEGIN", NULL, err);
	if (rc)
		return rc;
	name_rows(batch, batch->allocation.first);
	rc = insert_rows(conn, batch, err);
	if (rc)
		sr_db_rollback(conn);
	else
		sr_db_commit_late(conn);
	return rc;
}

static int add_rows(struct sr_db_conn *conn, struct batch *batch, struct sr_error *err)
{
	if (sr_fault_on(SR_FAULT_LOST_ACK))
		return add_late(conn, batch, err);
	if (batch->unnamed == 0)
		return insert_rows(conn, batch, err);
	return sr_registry_allocate(conn, &batch->allocation, insert_allocated, batch, err);
}

static int batch_work(struct sr_db_conn *conn, void *arg, struct sr_error *err)
{
	struct batch *batch = arg;
	int rc;

	batch->allocation.count = batch->unnamed;
	rc = add_rows(conn, batch, err);
	if (batch->unnamed > 0 && is_taken(rc, err)) {
		rc = read_highest(conn, batch, err);
		if (!rc)
			rc = add_rows(conn, batch, err);
	}
	return rc;
}

static void answer(struct sr_request *req, const struct batch *batch)
{
	struct sr_jsonw *out = sr_request_begin_ok(req);

	sr_jsonw_key(out, "tasks_added");
	sr_jsonw_int(out, (int64_t)json_array_size(batch->rows));
	sr_jsonw_key(out, "task_ids");
	sr_jsonw_begin(out, '[');
	for (size_t i = 0; i < json_array_size(batch->rows); i++)
		sr_jsonw_string(out, json_string_value(json_object_get(json_array_get(batch->rows, i), "task_id")));
	sr_jsonw_end(out, ']');
	sr_request_end_ok(req);
}

void sr_batch_add(struct sr_request *req)
{
	bool is_unnamed[SR_BATCH_MAX];
	struct batch batch = {.project = req->project,
			      .rows = json_array(),
			      .is_unnamed = is_unnamed,
			      .allocation = {.type = "TASK", .scope = sr_ids_scope(req)}};
	struct sr_error err;
	int rc;

	if (sr_request_json(req) && read_batch(req, &batch)) {
		rc = sr_db_run(req->app->db, batch_work, &batch, &err);
		if (is_taken(rc, &err))
			sr_request_error(req, 409, "task_id: a task with such an id exists already; nothing was added");
		else if (rc)
			sr_request_db_error(req, rc, &err);
		else
			answer(req, &batch);
		if (!rc) {
			sr_queue_push(req->app, batch.project, batch.inserted);
			sr_copies_drop(req->app->copies, req->project_index);
		}
	}
	PQclear(batch.inserted);
	json_decref(batch.rows);
}
