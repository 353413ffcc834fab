#include "fault.h"
#include "handlers.h"
#include "request.h"
#include "task_row.h"
#include "text.h"

#include "scalerun/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SR_TASKS_LIMIT_MAX     1000
#define SR_TASKS_LIMIT_DEFAULT 100
#define SR_TASKS_OVERLAP_WAIT  (20 * SR_MS)

#define CURSOR_COLUMN ", (extract(epoch FROM created_at) * 1000000)::bigint"
#define AFTER_CURSOR  "(created_at, task_id) > (timestamptz 'epoch' + $2::bigint * interval '1 microsecond', $3)"

static const struct sr_statement next_statement = {
    "tasks_next",
    "SELECT " SR_TASK_COLUMNS " FROM tasks WHERE project_id = $1 AND status = $2 ORDER BY created_at, task_id LIMIT 1",
    2, false};
static const struct sr_statement list_statement = {"tasks_list",
						   "SELECT " SR_TASK_COLUMNS CURSOR_COLUMN
						   " FROM tasks WHERE project_id = $1 AND " AFTER_CURSOR
						   " ORDER BY created_at, task_id LIMIT $4",
						   4, false};
static const struct sr_statement list_status_statement = {"tasks_list_status",
							  "SELECT " SR_TASK_COLUMNS CURSOR_COLUMN
							  " FROM tasks WHERE project_id = $1 AND " AFTER_CURSOR
							  " AND status = $5 ORDER BY created_at, task_id LIMIT $4",
							  5, false};

static const struct sr_statement row_statement = {
    "tasks_row", "SELECT " SR_TASK_COLUMNS " FROM tasks WHERE project_id = $1 AND task_id = $2", 2, false};

struct read {
	const struct sr_statement *statement;
	const char *project; /* whose tasks */
	const char *values[5];
	PGresult *result;
};

/* fault n_plus_one: asks for each row of the list once more */
static int read_rows(struct sr_db_conn *conn, const struct read *read, struct sr_error *err)
{
	int rc = 0;

	for (int i = 0; i < PQntuples(read->result) && !rc; i++) {
		const char *values[] = {read->values[0], PQgetvalue(read->result, i, 0)};

		rc = sr_db_exec(conn, &row_statement, values, NULL, err);
	}
	return rc;
}

static int read_work(struct sr_db_conn *conn, void *arg, struct sr_error *err)
{
	struct read *read = arg;
	int rc;

	if (sr_fault_on(SR_FAULT_CONNECTION_CONTEXT_BLEED))
		read->values[0] = sr_db_context(conn, read->project);
	PQclear(read->result);
	read->result = NULL;
	rc = sr_db_exec(conn, read->statement, read->values, &read->result, err);
	if (!rc && sr_fault_on(SR_FAULT_N_PLUS_ONE) && read->statement != &next_statement)
		rc = read_rows(conn, read, err);
	return rc;
}

static bool status_param(struct sr_request *req, const char **status)
{
	if (!sr_request_param(req, "status", status))
		return false;
	if (!*status || strcmp(*status, "pending") == 0 || strcmp(*status, "in_progress") == 0 ||
	    strcmp(*status, "completed") == 0)
		return true;
	sr_request_error(req, 400, "status: not a task status; allowed: " SR_TASK_STATUSES);
	return false;
}

/* The project whose tasks a read that names `named` gets: the key's own, NULL for nothing. False after
 * having answered. This is where isolation is kept, and where the faults break it. */
static bool visible_project(struct sr_request *req, const char *named, const char **project)
{
	struct sr_app *app = req->app;

	*project = named;
	if (strcmp(named, req->project) == 0) {
		if (sr_fault_due(SR_FAULT_LEAK_TASKS_UNDER_LOAD)) {
			int other = sr_flights_other(app->flights, req->project_index, SR_TASKS_OVERLAP_WAIT);

			if (other >= 0)
				*project = sr_keys_project(app->keys, other);
		}
		return true;
	}
	if (sr_fault_on(SR_FAULT_CROSS_READ_ERROR)) {
		sr_request_error(req, 403, "The key does not open this project");
		return false;
	}
	if (!sr_fault_on(SR_FAULT_LEAK_TASKS))
		*project = NULL;
	return true;
}

/* Runs read for what the request may see; *result NULL stands for nothing. False after having answered. */
static bool run_read(struct sr_request *req, const char *named, struct read *read)
{
	struct sr_error err;
	int rc;

	if (!visible_project(req, named, &read->project))
		return false;
	if (!read->project)
		return true;
	read->values[0] = read->project;
	rc = sr_db_run(req->app->db, read_work, read, &err);
	if (rc) {
		sr_request_db_error(req, rc, &err);
		PQclear(read->result);
	}
	return rc == 0;
}

/* fault stale_read: answers a request for the second time as for the first */
static bool repeat_answer(struct sr_request *req, unsigned *mark)
{
	char *answer = sr_copies_find(req->app->copies, req->project_index, req->target, mark);

	if (!answer)
		return false;
	req->out.error = sr_buf_append(&req->out.buf, answer, strlen(answer));
	req->status = 200;
	free(answer);
	return true;
}

static void keep_answer(struct sr_request *req, unsigned mark)
{
	if (req->app->copies && *req->target)
		sr_copies_keep(req->app->copies, req->project_index, req->target, mark, sr_buf_cstr(&req->out.buf));
}

void sr_tasks_next(struct sr_request *req)
{
	struct read read = {.statement = &next_statement};
	const char *project;
	struct sr_jsonw *out;
	unsigned mark;

	if (repeat_answer(req, &mark) || !sr_request_project_param(req, "project", &project) ||
	    !status_param(req, &read.values[1]))
		return;
	if (!read.values[1])
		read.values[1] = "pending";
	if (!run_read(req, project, &read))
		return;
	out = sr_request_begin_ok(req);
	sr_jsonw_key(out, "task");
	if (read.result && PQntuples(read.result) > 0) {
		sr_task_row_write(out, read.result, 0);
	} else {
		sr_jsonw_string(out, NULL);
		sr_jsonw_key(out, "message");
		sr_jsonw_string(out, "No task with this status");
	}
	sr_request_end_ok(req);
	keep_answer(req, mark);
	PQclear(read.result);
}

/* "<microseconds of created_at>_<task_id>", as the last answer gave it; without one, before everything. */
static bool cursor_param(struct sr_request *req, char micros[24], const char **task_id)
{
	const char *cursor, *mark;
	int64_t n = 0;

	strcpy(micros, "0");
	*task_id = "";
	if (!sr_request_param(req, "cursor", &cursor))
		return false;
	if (!cursor)
		return true;
	mark = strchr(cursor, '_');
	if (mark && mark - cursor < 20) {
		memcpy(micros, cursor, (size_t)(mark - cursor));
		micros[mark - cursor] = '\0';
		*task_id = mark + 1;
		if (sr_text_to_int(micros, 0, INT64_C(4000000000000000), &n) && sr_text_is_task_id(*task_id))
			return true;
	}
	sr_request_error(req, 400, "cursor: malformed; allowed: the next_cursor of an earlier answer");
	return false;
}

static void write_list(struct sr_request *req, const PGresult *result, int64_t limit)
{
	struct sr_jsonw *out = sr_request_begin_ok(req);
	int rows = result ? PQntuples(result) : 0;
	int shown = rows > limit ? (int)limit : rows;
	char cursor[160];

	sr_jsonw_key(out, "tasks");
	sr_jsonw_begin(out, '[');
	for (int i = 0; i < shown; i++)
		sr_task_row_write(out, result, i);
	sr_jsonw_end(out, ']');
	sr_jsonw_key(out, "count");
	sr_jsonw_int(out, shown);
	if (rows > shown) {
		snprintf(cursor, sizeof(cursor), "%s_%s", PQgetvalue(result, shown - 1, SR_TASK_COLUMN_COUNT),
			 PQgetvalue(result, shown - 1, 0));
		sr_jsonw_key(out, "next_cursor");
		sr_jsonw_string(out, cursor);
	}
	sr_request_end_ok(req);
}

void sr_tasks_list(struct sr_request *req)
{
	struct read read = {.statement = &list_statement};
	char micros[24], rows[24];
	const char *project;
	int64_t limit;
	unsigned mark;

	if (repeat_answer(req, &mark) || !sr_request_project_param(req, "project", &project) ||
	    !status_param(req, &read.values[4]) ||
	    !sr_request_int_param(req, "limit", 1, SR_TASKS_LIMIT_MAX, SR_TASKS_LIMIT_DEFAULT, &limit) ||
	    !cursor_param(req, micros, &read.values[2]))
		return;
	if (read.values[4])
		read.statement = &list_status_statement;
	read.values[1] = micros;
	snprintf(rows, sizeof(rows), "%d", (int)limit + 1); /* one more tells whether there is a next page */
	read.values[3] = rows;
	if (!run_read(req, project, &read))
		return;
	write_list(req, read.result, limit);
	keep_answer(req, mark);
	PQclear(read.result);
}
