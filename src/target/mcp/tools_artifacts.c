/* The tools on artifacts. */
#include "app.h"
#include "mcp/mcp.h"
#include "mcp/rules.h"
#include "mcp/store.h"
#include "mcp/tools.h"
#include "mcp/uri.h"
#include "request.h"

#include <stdio.h>
#include <string.h>

#define SR_ARTIFACT_MAX (1000 * 1000) /* bytes, so that it fits into a request and into an answer */

static const char *argument(const json_t *arguments, const char *name)
{
	return json_string_value(json_object_get(arguments, name));
}

static struct sr_jsonw *begin(struct sr_jsonw *out)
{
	sr_jsonw_init(out, SR_CALL_RESULT_MAX);
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "success");
	sr_jsonw_bool(out, true);
	return out;
}

static void finish(struct sr_call *call, struct sr_jsonw *out)
{
	sr_jsonw_end(out, '}');
	if (out->error || !sr_buf_cstr(&out->buf))
		sr_tool_fail(call, "Out of memory");
	else
		sr_tool_answer(call, sr_buf_cstr(&out->buf));
	sr_jsonw_deinit(out);
}

static void write_place(struct sr_jsonw *out, const char *project, const char *id)
{
	char path[SR_STORE_PATH_SIZE];
	char uri[SR_URI_SIZE];

	sr_jsonw_key(out, "artifact_id");
	sr_jsonw_string(out, id);
	sr_jsonw_key(out, "uri");
	sr_uri_format(uri, SR_KIND_ARTIFACTS, id);
	sr_jsonw_string(out, uri);
	sr_jsonw_key(out, "path");
	sr_store_path(path, project, id);
	sr_jsonw_string(out, path);
}

/* The schema has checked the id; once more, since a path is made of it. */
static const char *artifact_id(struct sr_call *call, const json_t *arguments)
{
	const char *id = argument(arguments, "artifact_id");

	if (id && sr_uri_is_artifact_id(id))
		return id;
	sr_tool_fail(call, "artifact_id: malformed; allowed: an id matching " SR_ARTIFACT_ID_RULE);
	return NULL;
}

void sr_tool_store_artifact(struct sr_call *call, const json_t *arguments)
{
	const json_t *content = json_object_get(arguments, "content");
	const char *id = artifact_id(call, arguments);
	struct sr_request *req = call->req;
	struct sr_jsonw out;
	struct sr_error err;
	bool created;

	if (!id)
		return;
	if (json_string_length(content) > SR_ARTIFACT_MAX) {
		sr_tool_fail(call, "content: too large; allowed: up to %d bytes", SR_ARTIFACT_MAX);
		return;
	}
	sr_call_progress(call, 1, SR_CALL_STEPS, "writing");
	if (sr_store_write(req->app->mcp->store, req->project, id, json_string_value(content),
			   json_string_length(content), &created, &err)) {
		sr_jlog_event(req->app->log, SR_LOG_ERROR, "artifacts", "%s", err.text);
		sr_tool_fail(call, "The artifact was not stored: %s",
			     err.code == SR_ENOTSUP ? err.text : "the disk cannot be written");
		return;
	}
	sr_call_progress(call, 2, SR_CALL_STEPS, "written");
	begin(&out);
	write_place(&out, req->project, id);
	sr_jsonw_key(&out, "size_bytes");
	sr_jsonw_int(&out, (int64_t)json_string_length(content));
	sr_jsonw_key(&out, "created");
	sr_jsonw_bool(&out, created);
	finish(call, &out);
}

void sr_tool_resolve_artifact_path(struct sr_call *call, const json_t *arguments)
{
	const char *id = artifact_id(call, arguments);
	struct sr_jsonw out;

	if (!id)
		return;
	begin(&out);
	write_place(&out, call->req->project, id);
	sr_jsonw_key(&out, "exists");
	sr_jsonw_bool(&out, sr_store_has(call->req->app->mcp->store, call->req->project, id));
	finish(call, &out);
}

/* Whether the text has a heading line "## heading". */
static bool has_heading(const char *text, const char *heading)
{
	size_t len = strlen(heading);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "## ", 3) == 0 && strncmp(line + 3, heading, len) == 0 &&
		    (line[3 + len] == '\n' || line[3 + len] == '\r' || line[3 + len] == '\0'))
			return true;
	}
	return false;
}

static void add_error(struct sr_jsonw *out, int *errors, const char *rule, const char *message)
{
	(*errors)++;
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "rule");
	sr_jsonw_string(out, rule);
	sr_jsonw_key(out, "message");
	sr_jsonw_string(out, message);
	sr_jsonw_end(out, '}');
}

static int write_errors(struct sr_jsonw *out, const struct sr_rules *rules, const char *content, const char *id)
{
	char message[200];
	int errors = 0;
	size_t title = strcspn(content, "\n");

	if (strncmp(content, "# ", 2) != 0)
		add_error(out, &errors, "title", "the first line must be a title: # ...");
	else if (id && !memmem(content, title, id, strlen(id)))
		add_error(out, &errors, "title", "the title must name the artifact's id");
	for (int i = 0; i < SR_RULES_HEADINGS; i++) {
		snprintf(message, sizeof(message), "the heading is missing: ## %s", rules->headings[i]);
		if (!has_heading(content, rules->headings[i]))
			add_error(out, &errors, "heading", message);
	}
	return errors;
}

/* What is wrong with an artifact is this tool's answer, not its failure. */
void sr_tool_validate_artifact(struct sr_call *call, const json_t *arguments)
{
	const struct sr_rules *rules = sr_rules_of_type(argument(arguments, "artifact_type"));
	const char *id = argument(arguments, "artifact_id");
	struct sr_jsonw out;
	int errors;

	if (!rules) {
		sr_tool_fail(call, "artifact_type: no rules for this type");
		return;
	}
	begin(&out);
	sr_jsonw_key(&out, "artifact_type");
	sr_jsonw_string(&out, rules->type);
	sr_jsonw_key(&out, "template");
	sr_jsonw_string(&out, rules->template);
	sr_jsonw_key(&out, "errors");
	sr_jsonw_begin(&out, '[');
	errors = write_errors(&out, rules, argument(arguments, "content"), id);
	sr_jsonw_end(&out, ']');
	sr_jsonw_key(&out, "valid");
	sr_jsonw_bool(&out, errors == 0);
	finish(call, &out);
}
