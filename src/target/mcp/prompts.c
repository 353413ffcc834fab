/* prompts/list and prompts/get: the generators. */
#include "app.h"
#include "mcp/cache.h"
#include "mcp/content.h"
#include "mcp/fixtures.h"
#include "mcp/listing.h"
#include "mcp/mcp.h"
#include "mcp/methods.h"
#include "request.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#define SR_PROMPTS_PREFIX    "generator/"
#define SR_PROMPTS_FOCUS_MAX 2000

static bool is_focus(const char *text)
{
	return *text && strlen(text) <= SR_PROMPTS_FOCUS_MAX;
}

/* All are optional. */
static const struct {
	const char *name;
	const char *description;
	const char *allowed;
	bool (*accept)(const char *text);
} arguments[] = {
    {"task_id", "The task that asks for the artifact", "a task id", sr_text_is_task_id},
    {"input_artifact", "Id of the artifact to work from, such as PRD-001", "an id matching " SR_ARTIFACT_ID_RULE,
     sr_uri_is_artifact_id},
    {"focus", "What to pay attention to, in free text", "1 to 2000 bytes", is_focus},
};
#define SR_PROMPTS_ARGUMENTS (sizeof(arguments) / sizeof(arguments[0]))

static void write_prompt(struct sr_call *call, const char *name)
{
	struct sr_jsonw *out = &call->result;
	size_t prefix = strlen(SR_PROMPTS_PREFIX);
	char text[SR_URI_SIZE];

	if (strncmp(name, SR_PROMPTS_PREFIX, prefix) != 0) {
		sr_fixtures_write_prompt(out, name);
		return;
	}
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "name");
	sr_jsonw_string(out, name);
	sr_jsonw_key(out, "description");
	snprintf(text, sizeof(text), "Generates an artifact: %s", name + prefix);
	sr_jsonw_string(out, text);
	sr_jsonw_key(out, "arguments");
	sr_jsonw_begin(out, '[');
	for (size_t i = 0; i < SR_PROMPTS_ARGUMENTS; i++) {
		sr_jsonw_begin(out, '{');
		sr_jsonw_key(out, "name");
		sr_jsonw_string(out, arguments[i].name);
		sr_jsonw_key(out, "description");
		sr_jsonw_string(out, arguments[i].description);
		sr_jsonw_key(out, "required");
		sr_jsonw_bool(out, false);
		sr_jsonw_end(out, '}');
	}
	sr_jsonw_end(out, ']');
	sr_jsonw_end(out, '}');
}

static int collect(const struct sr_app *app, struct sr_names *prompts, struct sr_error *err)
{
	struct sr_names names;
	char prompt[SR_URI_SIZE];
	int rc;

	sr_names_init(&names);
	rc = sr_content_list(app->mcp->content, SR_KIND_GENERATORS, &names, err);
	for (int i = 0; i < names.count && !rc; i++) {
		snprintf(prompt, sizeof(prompt), SR_PROMPTS_PREFIX "%s", names.items[i]);
		if (sr_names_add(prompts, prompt))
			rc = sr_fail(err, SR_ENOMEM, "prompts", "out of memory");
	}
	sr_names_deinit(&names);
	if (!rc && app->options->conformance)
		sr_fixtures_add_prompts(prompts);
	sr_names_sort(prompts);
	return rc;
}

void sr_prompts_list(struct sr_call *call)
{
	struct sr_names names;
	struct sr_error err;

	sr_names_init(&names);
	if (collect(call->req->app, &names, &err)) {
		sr_jlog_event(call->req->app->log, SR_LOG_ERROR, "prompts", "%s", err.text);
		sr_call_fail(call, SR_RPC_INTERNAL_ERROR, "The prompts cannot be listed");
	} else {
		sr_listing_answer(call, "prompts", &names, write_prompt);
	}
	sr_names_deinit(&names);
}

static bool check_argument(struct sr_call *call, const char *name, const json_t *value)
{
	for (size_t i = 0; i < SR_PROMPTS_ARGUMENTS; i++) {
		if (strcmp(arguments[i].name, name) != 0)
			continue;
		if (json_is_string(value) && arguments[i].accept(json_string_value(value)))
			return true;
		sr_call_fail(call, SR_RPC_INVALID_PARAMS, "arguments.%s: malformed; allowed: %s", name,
			     arguments[i].allowed);
		return false;
	}
	sr_call_fail(call, SR_RPC_INVALID_PARAMS, "arguments.%s: no such argument", name);
	return false;
}

static bool check_arguments(struct sr_call *call, const json_t *given)
{
	if (given && !json_is_object(given)) {
		sr_call_fail(call, SR_RPC_INVALID_PARAMS, "params.arguments: wrong type; allowed: an object");
		return false;
	}
	for (void *it = json_object_iter((json_t *)given); it; it = json_object_iter_next((json_t *)given, it)) {
		if (!check_argument(call, json_object_iter_key(it), json_object_iter_value(it)))
			return false;
	}
	return true;
}

/* The generator's text, and what the client has said about this time. */
static int append_request(struct sr_buf *buf, const char *project, const json_t *given)
{
	int rc = sr_buf_printf(buf, "\n## Request\n\n- project: %s\n", project);

	for (size_t i = 0; i < SR_PROMPTS_ARGUMENTS && !rc; i++) {
		const char *value = json_string_value(json_object_get(given, arguments[i].name));

		if (value)
			rc = sr_buf_printf(buf, "- %s: %s\n", arguments[i].name, value);
	}
	return rc;
}

static void write_messages(struct sr_jsonw *out, const char *name, const char *text)
{
	char description[SR_URI_SIZE];

	snprintf(description, sizeof(description), "Generates an artifact: %s", name);
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "description");
	sr_jsonw_string(out, description);
	sr_jsonw_key(out, "messages");
	sr_jsonw_begin(out, '[');
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "role");
	sr_jsonw_string(out, "user");
	sr_jsonw_key(out, "content");
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "type");
	sr_jsonw_string(out, "text");
	sr_jsonw_key(out, "text");
	sr_jsonw_string(out, text);
	sr_jsonw_end(out, '}');
	sr_jsonw_end(out, '}');
	sr_jsonw_end(out, ']');
	sr_jsonw_end(out, '}');
}

static void get_generator(struct sr_call *call, const char *name, const json_t *given)
{
	struct sr_app *app = call->req->app;
	struct sr_error err;
	struct sr_buf buf;
	bool hit;
	int rc;

	if (!check_arguments(call, given))
		return;
	sr_buf_init(&buf, SR_CONTENT_MAX + 16384);
	rc = sr_cache_load(app, SR_KIND_GENERATORS, name, &buf, &hit, &err);
	if (rc == -SR_ESTATE) {
		sr_call_fail(call, SR_RPC_INVALID_PARAMS, "params.name: no such prompt");
	} else if (rc || append_request(&buf, call->req->project, given) || !sr_buf_cstr(&buf)) {
		sr_jlog_event(app->log, SR_LOG_ERROR, "prompts", "%s", rc ? err.text : "out of memory");
		sr_call_fail(call, SR_RPC_INTERNAL_ERROR, "The prompt cannot be read");
	} else {
		call->req->cache = hit ? "HIT" : "MISS";
		write_messages(&call->result, name, sr_buf_cstr(&buf));
	}
	sr_buf_deinit(&buf);
}

void sr_prompts_get(struct sr_call *call)
{
	const json_t *given = json_object_get(call->params, "arguments");
	size_t prefix = strlen(SR_PROMPTS_PREFIX);
	const char *name;

	if (!sr_call_string(call, "name", true, 200, &name))
		return;
	if (call->req->app->options->conformance && sr_fixtures_get_prompt(call, name, given))
		return;
	if (strncmp(name, SR_PROMPTS_PREFIX, prefix) != 0 || !sr_uri_is_name(SR_KIND_GENERATORS, name + prefix))
		sr_call_fail(call, SR_RPC_INVALID_PARAMS, "params.name: no such prompt");
	else
		get_generator(call, name + prefix, given);
}
