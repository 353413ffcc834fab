#include "fault.h"
#include "handlers.h"
#include "mcp/queue.h"
#include "request.h"
#include "task_row.h"
#include "text.h"

#include <string.h>

#define SR_NOTES_MAX 10000

/* The transition is decided by the row's own status, inside the one statement that changes it. */
static const struct sr_statement update_statement = {
    "task_set_status",
    "UPDATE tasks SET status = $3, updated_at = now(), "
    "completed_at = CASE WHEN $3 = 'completed' THEN now() ELSE completed_at END, "
    "completion_notes = coalesce($5, completion_notes) "
    "WHERE project_id = $1 AND task_id = $2 AND status = $4 RETURNING " SR_TASK_COLUMNS,
    5, true};
static const struct sr_statement status_statement = {
    "task_status", "SELECT status FROM tasks WHERE project_id = $1 AND task_id = $2", 2, false};
static const struct sr_statement owner_statement = {
    "task_owner", "SELECT project_id FROM tasks WHERE task_id = $1 ORDER BY project_id = $2 DESC LIMIT 1", 2, false};

struct change {
	const char *project;
	const char *task_id;
	const char *status;
	const char *from; /* the one status that may come before, NULL: none */
	const char *notes;
	char owner[101];
	PGresult *updated; /* one row when it was done */
	char found[16];    /* else the task's status, "" when there is no such task */
};

static int find_owner(struct sr_db_conn *conn, struct change *change, struct sr_error *err)
{
	const char *values[] = {change->task_id, change->project};
	PGresult *result;
	int rc = sr_db_exec(conn, &owner_statement, values, &result, err);

	if (rc)
		return rc;
	if (PQntuples(result) > 0) {
		strncpy(change->owner, PQgetvalue(result, 0, 0), sizeof(change->owner) - 1);
		change->project = change->owner;
	}
	PQclear(result);
	return 0;
}

static int change_work(struct sr_db_conn *conn, void *arg, struct sr_error *err)
{
	struct change *change = arg;
	PGresult *result;
	int rc = sr_fault_on(SR_FAULT_CROSS_WRITE) ? find_owner(conn, change, err) : 0;

	change->found[0] = '\0';
	if (!rc && sr_fault_on(SR_FAULT_LOST_ACK))
		rc = sr_db_command(conn, "BEGIN", NULL, err);
	if (!rc && change->from) {
		const char *values[] = {change->project, change->task_id, change->status, change->from, change->notes};

		rc = sr_db_exec(conn, &update_statement, values, &result, err);
		if (!rc && PQntuples(result) > 0) {
			change->updated = result;
			if (sr_fault_on(SR_FAULT_LOST_ACK))
				sr_db_commit_late(conn);
			return 0;
		}
		if (!rc)
			PQclear(result);
	}
	if (!rc) {
		const char *values[] = {change->project, change->task_id};

		rc = sr_db_exec(conn, &status_statement, values, &result, err);
		if (!rc && PQntuples(result) > 0)
			strncpy(change->found, PQgetvalue(result, 0, 0), sizeof(change->found) - 1);
		if (!rc)
			PQclear(result);
	}
	return rc;
}

static void refuse(struct sr_request *req, const struct change *change)
{
	const char *next = strcmp(change->found, "pending") == 0       ? "in_progress"
			   : strcmp(change->found, "in_progress") == 0 ? "completed"
								       : "none, completed is final";

	if (!change->found[0])
		sr_request_error(req, 404, "No such task");
	else
		sr_request_error(req, 400, "status: cannot go from %s to %s; allowed: %s", change->found,
				 change->status, next);
}

static bool read_status(struct sr_request *req, struct change *change)
{
	if (!sr_request_string(req, req->json, "", "status", false, 64, &change->status))
		return false;
	if (change->status && strcmp(change->status, "in_progress") == 0)
		change->from = "pending";
	else if (change->status && strcmp(change->status, "completed") == 0)
		change->from = "in_progress";
	else if (!change->status || strcmp(change->status, "pending") != 0) {
		sr_request_error(req, 400, "status: %s; allowed: in_progress, completed",
				 change->status ? "not a task status" : "required");
		return false;
	}
	return true;
}

void sr_tasks_set_status(struct sr_request *req)
{
	struct change change = {.task_id = req->args[0]};
	struct sr_error err;
	struct sr_jsonw *out;
	int rc;

	if (!sr_request_project_param(req, "project", &change.project) || !sr_request_json(req) ||
	    !read_status(req, &change) ||
	    !sr_request_string(req, req->json, "", "completion_notes", false, SR_NOTES_MAX, &change.notes))
		return;
	if (!sr_text_is_task_id(change.task_id) ||
	    (strcmp(change.project, req->project) != 0 && !sr_fault_on(SR_FAULT_CROSS_WRITE))) {
		sr_request_error(req, 404, "No such task");
		return;
	}
	rc = sr_db_run(req->app->db, change_work, &change, &err);
	if (rc) {
		sr_request_db_error(req, rc, &err);
		return;
	}
	if (!change.updated) {
		refuse(req, &change);
		return;
	}
	sr_queue_remove(req->app, change.project, change.task_id);
	sr_copies_drop(req->app->copies, req->project_index);
	out = sr_request_begin_ok(req);
	sr_jsonw_key(out, "updated_task");
	sr_task_row_write(out, change.updated, 0);
	sr_request_end_ok(req);
	PQclear(change.updated);
}
