/* The tools on tasks and ids. Each is a request to the REST handler of the same operation, inside the
 * process, so that both ways have one implementation. */
#include "app.h"
#include "handlers.h"
#include "mcp/queue.h"
#include "mcp/tools.h"
#include "request.h"
#include "task_row.h"

#include <stdlib.h>
#include <string.h>

#define SR_NEXT_TASK "get_next_task" /* what copies are kept under */

/* A request of the same project; the caller sets what the handler reads. */
static struct sr_request *inner_new(struct sr_call *call)
{
	struct sr_request *req = sr_request_new(call->req->app, "");

	if (req) {
		req->project_index = call->req->project_index;
		req->project = call->req->project;
	} else {
		sr_tool_fail(call, "Out of memory");
	}
	return req;
}

/* The handlers only read parameters. */
static void set_param(struct sr_request *req, const char *name, const char *value)
{
	req->url.params[req->url.param_count].name = (char *)name;
	req->url.params[req->url.param_count].value = (char *)value;
	req->url.param_count++;
}

static const char *argument(const json_t *arguments, const char *name)
{
	return json_string_value(json_object_get(arguments, name));
}

/* Takes body. */
static bool set_body(struct sr_call *call, struct sr_request *req, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	bool ok = text && sr_buf_append(&req->body, text, strlen(text)) == 0;

	free(text);
	json_decref(body);
	if (!ok)
		sr_tool_fail(call, "The arguments are too large");
	return ok;
}

/* Makes the handler's answer the tool's. */
static void relay(struct sr_call *call, struct sr_request *req)
{
	const char *body = sr_buf_cstr(&req->out.buf);
	const char *error;
	json_t *answer;

	if (req->status == 200 && !req->out.error && body) {
		sr_tool_answer(call, body);
		return;
	}
	answer = json_loads(body ? body : "", 0, NULL);
	error = argument(answer, "error");
	sr_tool_fail(call, "%s", error ? error : "Internal error");
	json_decref(answer);
}

static void answer_task(struct sr_call *call, PGresult *row, unsigned mark)
{
	const struct sr_request *req = call->req;
	struct sr_jsonw out;

	sr_jsonw_init(&out, SR_CALL_RESULT_MAX);
	sr_jsonw_begin(&out, '{');
	sr_jsonw_key(&out, "success");
	sr_jsonw_bool(&out, true);
	sr_jsonw_key(&out, "task");
	if (PQntuples(row) > 0) {
		sr_task_row_write(&out, row, 0);
	} else {
		sr_jsonw_string(&out, NULL);
		sr_jsonw_key(&out, "message");
		sr_jsonw_string(&out, "No task with this status");
	}
	sr_jsonw_end(&out, '}');
	if (out.error || !sr_buf_cstr(&out.buf))
		sr_tool_fail(call, "The task is too large");
	else
		sr_tool_answer(call, sr_buf_cstr(&out.buf));
	if (req->app->copies && !out.error)
		sr_copies_keep(req->app->copies, req->project_index, SR_NEXT_TASK, mark, sr_buf_cstr(&out.buf));
	sr_jsonw_deinit(&out);
}

/* fault stale_read */
static bool repeat_task(struct sr_call *call, unsigned *mark)
{
	char *answer = sr_copies_find(call->req->app->copies, call->req->project_index, SR_NEXT_TASK, mark);

	if (answer)
		sr_tool_answer(call, answer);
	free(answer);
	return answer != NULL;
}

/* Pending tasks come from the queue; the other statuses are the REST endpoint's. */
void sr_tool_get_next_task(struct sr_call *call, const json_t *arguments)
{
	const char *status = argument(arguments, "status");
	bool pending = !status || strcmp(status, "pending") == 0;
	struct sr_request *req;
	struct sr_error err;
	PGresult *row = NULL;
	unsigned mark = 0;
	int rc = 0;

	if (pending && repeat_task(call, &mark))
		return;
	req = inner_new(call);
	if (!req)
		return;
	if (pending) {
		rc = sr_queue_next(req->app, req->project, &row, &err);
		if (rc)
			sr_request_db_error(req, rc, &err);
	} else {
		set_param(req, "project", req->project);
		set_param(req, "status", status);
		sr_tasks_next(req);
	}
	if (row)
		answer_task(call, row, mark);
	else
		relay(call, req);
	PQclear(row);
	sr_request_free(req);
}

void sr_tool_update_task_status(struct sr_call *call, const json_t *arguments)
{
	struct sr_request *req = inner_new(call);

	if (!req)
		return;
	req->args[0] = argument(arguments, "task_id");
	set_param(req, "project", req->project);
	if (set_body(call, req, json_incref((json_t *)arguments))) {
		sr_tasks_set_status(req);
		relay(call, req);
	}
	sr_request_free(req);
}

void sr_tool_get_next_available_id(struct sr_call *call, const json_t *arguments)
{
	struct sr_request *req = inner_new(call);

	if (!req)
		return;
	set_param(req, "type", argument(arguments, "artifact_type"));
	set_param(req, "project", req->project);
	sr_ids_next(req);
	relay(call, req);
	sr_request_free(req);
}

void sr_tool_reserve_id_range(struct sr_call *call, const json_t *arguments)
{
	struct sr_request *req = inner_new(call);

	if (!req)
		return;
	if (set_body(call, req,
		     json_pack("{s:s, s:O, s:s}", "type", argument(arguments, "artifact_type"), "count",
			       json_object_get(arguments, "count"), "project_id", req->project))) {
		sr_reservations_reserve(req);
		relay(call, req);
	}
	sr_request_free(req);
}

void sr_tool_add_task(struct sr_call *call, const json_t *arguments)
{
	struct sr_request *req = inner_new(call);

	if (!req)
		return;
	if (set_body(call, req, json_pack("{s:[O]}", "tasks", arguments))) {
		sr_batch_add(req);
		relay(call, req);
	}
	sr_request_free(req);
}
