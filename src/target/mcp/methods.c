#include "mcp/methods.h"

#include "app.h"
#include "mcp/fixtures.h"
#include "mcp/mcp.h"
#include "mcp/revision.h"
#include "mcp/tools.h"
#include "request.h"

#include <string.h>

static const char instructions[] =
    "Load mcp://resources/sdlc/core and the patterns that apply, take the next task, read its template, get its "
    "generator prompt, reserve ids, validate and store the artifact, then update the task and add what follows.";

static void write_capabilities(struct sr_jsonw *out, bool conformance)
{
	sr_jsonw_key(out, "capabilities");
	sr_jsonw_raw(out, conformance ? sr_fixtures_capabilities : "{\"resources\":{},\"prompts\":{},\"tools\":{}}");
}

static void write_server_info(struct sr_jsonw *out)
{
	sr_jsonw_key(out, "serverInfo");
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "name");
	sr_jsonw_string(out, "scalerun-target");
	sr_jsonw_key(out, "title");
	sr_jsonw_string(out, "scalerun reference target");
	sr_jsonw_key(out, "version");
	sr_jsonw_string(out, SCALERUN_VERSION);
	sr_jsonw_end(out, '}');
}

/* Answers with the revision asked for, or with the newest: the client decides whether it can go on. */
static void initialize(struct sr_call *call)
{
	const json_t *client = json_object_get(call->params, "clientInfo");
	enum sr_revision revision;
	const char *asked;

	if (!sr_call_string(call, "protocolVersion", true, 100, &asked))
		return;
	if (!json_is_object(json_object_get(call->params, "capabilities")) || !json_is_object(client) ||
	    !json_is_string(json_object_get(client, "name")) || !json_is_string(json_object_get(client, "version"))) {
		sr_call_fail(call, SR_RPC_INVALID_PARAMS,
			     "params: required: capabilities, an object, and clientInfo with name and version");
		return;
	}
	if (!sr_revision_find(asked, &revision))
		revision = SR_REVISION_COUNT - 1;
	sr_jsonw_begin(&call->result, '{');
	sr_jsonw_key(&call->result, "protocolVersion");
	sr_jsonw_string(&call->result, sr_revision_name(revision));
	write_capabilities(&call->result, call->req->app->options->conformance);
	write_server_info(&call->result);
	sr_jsonw_key(&call->result, "instructions");
	sr_jsonw_string(&call->result, instructions);
	sr_jsonw_end(&call->result, '}');
}

static void ping(struct sr_call *call)
{
	sr_jsonw_raw(&call->result, "{}");
}

static const struct {
	const char *name;
	sr_call_method *method;
} methods[] = {
    {"initialize", initialize},
    {"ping", ping},
    {"resources/list", sr_resources_list},
    {"resources/templates/list", sr_resources_templates},
    {"resources/read", sr_resources_read},
    {"prompts/list", sr_prompts_list},
    {"prompts/get", sr_prompts_get},
    {"tools/list", sr_tools_list},
    {"tools/call", sr_tools_call},
};

static sr_call_method *find(const struct sr_app *app, const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i].name, name) == 0)
			return methods[i].method;
	}
	return app->options->conformance ? sr_fixtures_method(name) : NULL;
}

static bool is_token(const json_t *token)
{
	return json_is_string(token) || json_is_integer(token);
}

static const json_t *progress_token(const json_t *params)
{
	return json_object_get(json_object_get(params, "_meta"), "progressToken");
}

void sr_methods_run(struct sr_call *call, const char *name)
{
	sr_call_method *method = find(call->req->app, name);

	call->progress_token = progress_token(call->params);
	if (!method)
		sr_call_fail(call, SR_RPC_UNKNOWN_METHOD, "Method not found: %s", name);
	else if (call->progress_token && !is_token(call->progress_token))
		sr_call_fail(call, SR_RPC_INVALID_PARAMS,
			     "params._meta.progressToken: wrong type; allowed: a string or an integer");
	else
		method(call);
}

bool sr_methods_streams(struct sr_app *app, const struct sr_rpc *message)
{
	if (strcmp(message->method, "tools/call") != 0)
		return false;
	return is_token(progress_token(message->params)) || sr_tools_streams(app->mcp->tools, message->params);
}
