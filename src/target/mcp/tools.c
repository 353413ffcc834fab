/* tools/list and tools/call. */
#include "mcp/tools.h"

#include "app.h"
#include "fault.h"
#include "mcp/fixtures.h"
#include "mcp/listing.h"
#include "mcp/mcp.h"
#include "mcp/meters.h"
#include "mcp/methods.h"
#include "mcp/validate.h"
#include "pause.h"
#include "request.h"

#include "scalerun/base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SR_TOOLS_MAX  32
#define SR_TOOLS_SLOW (600 * SR_MS) /* slow_tools */

static const struct sr_tool table[] = {
    {"add_task", sr_tool_add_task, false},
    {"get_next_available_id", sr_tool_get_next_available_id, false},
    {"get_next_task", sr_tool_get_next_task, false},
    {"reserve_id_range", sr_tool_reserve_id_range, false},
    {"resolve_artifact_path", sr_tool_resolve_artifact_path, false},
    {"store_artifact", sr_tool_store_artifact, false},
    {"update_task_status", sr_tool_update_task_status, false},
    {"validate_artifact", sr_tool_validate_artifact, false},
};

struct sr_tools {
	int count;
	struct {
		const struct sr_tool *tool;
		json_t *definition;
	} items[SR_TOOLS_MAX];
	struct sr_names names; /* sorted */
};

/* Pairs each tool with its definition in text, a JSON array. */
static int add(struct sr_tools *tools, const struct sr_tool *list, size_t count, const char *text)
{
	json_t *definitions = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	size_t i;
	json_t *definition;
	int rc = 0;

	for (size_t t = 0; t < count && tools->count < SR_TOOLS_MAX && !rc; t++) {
		rc = -SR_EINVAL;
		json_array_foreach(definitions, i, definition)
		{
			const char *name = json_string_value(json_object_get(definition, "name"));

			if (!name || strcmp(name, list[t].name) != 0)
				continue;
			tools->items[tools->count].tool = &list[t];
			tools->items[tools->count].definition = json_incref(definition);
			tools->count++;
			rc = sr_names_add(&tools->names, list[t].name);
		}
	}
	json_decref(definitions);
	return rc;
}

int sr_tools_new(bool conformance, struct sr_tools **out, struct sr_error *err)
{
	struct sr_tools *tools = calloc(1, sizeof(*tools));
	int rc;

	if (!tools)
		return sr_fail(err, SR_ENOMEM, "start", "out of memory");
	sr_names_init(&tools->names);
	rc = add(tools, table, sizeof(table) / sizeof(table[0]), sr_tools_json);
	if (!rc && conformance)
		rc = add(tools, sr_fixture_tools, (size_t)sr_fixture_tool_count, sr_fixtures_json);
	if (rc) {
		sr_tools_free(tools);
		return sr_fail(err, -rc, "start", "the tool definitions cannot be read");
	}
	sr_names_sort(&tools->names);
	*out = tools;
	return 0;
}

void sr_tools_free(struct sr_tools *tools)
{
	if (!tools)
		return;
	for (int i = 0; i < tools->count; i++)
		json_decref(tools->items[i].definition);
	sr_names_deinit(&tools->names);
	free(tools);
}

int sr_tools_count(const struct sr_tools *tools)
{
	return tools->count;
}

const char *sr_tools_name(const struct sr_tools *tools, int index)
{
	return tools->items[index].tool->name;
}

static int find(const struct sr_tools *tools, const char *name)
{
	for (int i = 0; i < tools->count && name; i++) {
		if (strcmp(sr_tools_name(tools, i), name) == 0)
			return i;
	}
	return -1;
}

bool sr_tools_streams(const struct sr_tools *tools, const json_t *params)
{
	int index = find(tools, json_string_value(json_object_get(params, "name")));

	return index >= 0 && tools->items[index].tool->streams;
}

static void write_tool(struct sr_call *call, const char *name)
{
	const struct sr_tools *tools = call->req->app->mcp->tools;

	sr_rpc_write(&call->result, tools->items[find(tools, name)].definition);
}

void sr_tools_list(struct sr_call *call)
{
	sr_listing_answer(call, "tools", &call->req->app->mcp->tools->names, write_tool);
}

static void write_result(struct sr_call *call, const char *text, const char *json, bool failed)
{
	struct sr_jsonw *out = &call->result;

	sr_jsonw_clear(out);
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "content");
	sr_jsonw_begin(out, '[');
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "type");
	sr_jsonw_string(out, "text");
	sr_jsonw_key(out, "text");
	sr_jsonw_string(out, text);
	sr_jsonw_end(out, '}');
	sr_jsonw_end(out, ']');
	if (json) {
		sr_jsonw_key(out, "structuredContent");
		sr_jsonw_raw(out, json);
	}
	sr_jsonw_key(out, "isError");
	sr_jsonw_bool(out, failed);
	sr_jsonw_end(out, '}');
}

void sr_tool_answer(struct sr_call *call, const char *json)
{
	write_result(call, json, json, false);
}

void sr_tool_fail(struct sr_call *call, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	write_result(call, text, NULL, true);
	call->failed = true;
}

void sr_tools_call(struct sr_call *call)
{
	struct sr_mcp *mcp = call->req->app->mcp;
	const json_t *arguments = json_object_get(call->params, "arguments");
	json_t *empty = NULL;
	char problem[300];
	int64_t begun = sr_now();
	const char *name;
	int index;

	if (!sr_call_string(call, "name", true, 200, &name))
		return;
	index = find(mcp->tools, name);
	if (index < 0) {
		sr_call_fail(call, SR_RPC_INVALID_PARAMS, "Unknown tool: %s", name);
		return;
	}
	if (!arguments)
		arguments = empty = json_object();
	if (sr_validate(json_object_get(mcp->tools->items[index].definition, "inputSchema"), arguments, problem,
			sizeof(problem))) {
		sr_call_progress(call, 0, SR_CALL_STEPS, "started");
		if (sr_fault_due(SR_FAULT_SLOW_TOOLS))
			sr_pause(SR_TOOLS_SLOW);
		mcp->tools->items[index].tool->run(call, arguments);
		sr_call_progress(call, SR_CALL_STEPS, SR_CALL_STEPS, "done");
	} else {
		sr_call_fail(call, SR_RPC_INVALID_PARAMS, "arguments: %s", problem);
	}
	sr_meters_invoked(mcp->meters, index,
			  call->code     ? SR_INVOCATION_INVALID
			  : call->failed ? SR_INVOCATION_ERROR
					 : SR_INVOCATION_SUCCESS,
			  sr_now() - begun);
	json_decref(empty);
}
