#include "request.h"

#include "text.h"

#include "scalerun/base/clock.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sr_request *sr_request_new(struct sr_app *app, const char *target)
{
	struct sr_request *req = calloc(1, sizeof(*req));

	if (!req)
		return NULL;
	req->app = app;
	req->target = strdup(target);
	req->begun = sr_now();
	req->project_index = -1;
	req->content_type = "application/json";
	sr_buf_init(&req->body, SR_REQUEST_BODY_MAX);
	sr_jsonw_init(&req->out, SR_REQUEST_REPLY_MAX);
	if (!req->target) {
		free(req);
		return NULL;
	}
	return req;
}

void sr_request_free(struct sr_request *req)
{
	if (!req)
		return;
	json_decref(req->json);
	sr_url_deinit(&req->url);
	sr_buf_deinit(&req->body);
	sr_jsonw_deinit(&req->out);
	free(req->target);
	free(req);
}

const char *sr_request_header(const struct sr_request *req, const char *name)
{
	return req->connection ? MHD_lookup_connection_value(req->connection, MHD_HEADER_KIND, name) : NULL;
}

void sr_request_error(struct sr_request *req, int status, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	req->status = status;
	req->cache = NULL;
	req->content_type = "application/json";
	sr_jsonw_clear(&req->out);
	sr_jsonw_begin(&req->out, '{');
	sr_jsonw_key(&req->out, "success");
	sr_jsonw_bool(&req->out, false);
	sr_jsonw_key(&req->out, "error");
	sr_jsonw_string(&req->out, text);
	sr_jsonw_end(&req->out, '}');
}

void sr_request_db_error(struct sr_request *req, int rc, const struct sr_error *err)
{
	sr_jlog_event(req->app->log, SR_LOG_ERROR, "database", "%s%s%s", err->text, err->detail[0] ? ", SQLSTATE " : "",
		      err->detail);
	if (rc == -SR_ETIMEOUT || strcmp(err->detail, "57014") == 0) {
		req->retry_after = 1;
		sr_request_error(req, 503,
				 rc == -SR_ETIMEOUT ? "No database connection became free in time"
						    : "The database took too long");
	} else if (rc == -SR_ECONNECT || rc == -SR_ECLOSED) {
		sr_request_error(req, 500, "Database unavailable");
	} else {
		sr_request_error(req, 500, "Internal error");
	}
}

struct sr_jsonw *sr_request_begin_ok(struct sr_request *req)
{
	sr_jsonw_clear(&req->out);
	sr_jsonw_begin(&req->out, '{');
	sr_jsonw_key(&req->out, "success");
	sr_jsonw_bool(&req->out, true);
	return &req->out;
}

void sr_request_end_ok(struct sr_request *req)
{
	sr_jsonw_end(&req->out, '}');
	req->status = 200;
}

bool sr_request_param(struct sr_request *req, const char *name, const char **value)
{
	bool repeated;

	*value = sr_url_param(&req->url, name, &repeated);
	if (repeated)
		sr_request_error(req, 400, "%s: given more than once", name);
	return !repeated;
}

bool sr_request_check_project(struct sr_request *req, const char *name, const char *value)
{
	if (value && sr_text_is_project_id(value))
		return true;
	sr_request_error(req, 400, "%s: %s; allowed: a project id matching " SR_PROJECT_ID_RULE, name,
			 value ? "not a project id" : "required");
	return false;
}

bool sr_request_project_param(struct sr_request *req, const char *name, const char **project)
{
	return sr_request_param(req, name, project) && sr_request_check_project(req, name, *project);
}

bool sr_request_int_param(struct sr_request *req, const char *name, int64_t min, int64_t max, int64_t fallback,
			  int64_t *value)
{
	const char *text;

	if (!sr_request_param(req, name, &text))
		return false;
	*value = fallback;
	if (!text || sr_text_to_int(text, min, max, value))
		return true;
	sr_request_error(req, 400, "%s: not in range; allowed: an integer from %lld to %lld", name, (long long)min,
			 (long long)max);
	return false;
}

bool sr_request_json(struct sr_request *req)
{
	json_error_t problem;

	req->json = json_loadb(req->body.data ? req->body.data : "", req->body.len, JSON_REJECT_DUPLICATES, &problem);
	if (!req->json)
		sr_request_error(req, 400, "body: not valid JSON: %s (line %d, column %d)", problem.text, problem.line,
				 problem.column);
	else if (!json_is_object(req->json))
		sr_request_error(req, 400, "body: must be a JSON object");
	return json_is_object(req->json);
}

bool sr_request_string(struct sr_request *req, const json_t *object, const char *where, const char *name, bool required,
		       size_t max, const char **value)
{
	const json_t *member = json_object_get(object, name);

	*value = NULL;
	if (!member || json_is_null(member)) {
		if (required)
			sr_request_error(req, 400, "%s%s: required; allowed: a string", where, name);
		return !required;
	}
	if (!json_is_string(member)) {
		sr_request_error(req, 400, "%s%s: wrong type; allowed: a string", where, name);
		return false;
	}
	if (json_string_length(member) > max || (required && json_string_length(member) == 0)) {
		sr_request_error(req, 400, "%s%s: wrong length; allowed: a string of %d to %zu bytes", where, name,
				 required, max);
		return false;
	}
	*value = json_string_value(member);
	return true;
}

bool sr_request_integer(struct sr_request *req, const json_t *object, const char *name, int64_t min, int64_t max,
			int64_t *value)
{
	const json_t *member = json_object_get(object, name);

	if (json_is_integer(member) && json_integer_value(member) >= min && json_integer_value(member) <= max) {
		*value = json_integer_value(member);
		return true;
	}
	sr_request_error(req, 400, "%s: %s; allowed: an integer from %lld to %lld", name,
			 !member                   ? "required"
			 : json_is_integer(member) ? "not in range"
						   : "wrong type",
			 (long long)min, (long long)max);
	return false;
}
