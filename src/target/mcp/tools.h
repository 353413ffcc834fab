/* The tools: a table of functions with the definitions of tools.json, which clients see and arguments are
 * checked against. */
#ifndef TARGET_MCP_TOOLS_H
#define TARGET_MCP_TOOLS_H

#include "mcp/call.h"

#include "scalerun/base/error.h"

struct sr_tools;

/* Runs with checked arguments (an object or NULL) and answers by one of the two functions below. */
typedef void sr_tool_run(struct sr_call *call, const json_t *arguments);

struct sr_tool {
	const char *name;
	sr_tool_run *run;
	bool streams; /* sends notifications or requests of its own, progress token or not */
};

/* The definitions, embedded. */
extern const char sr_tools_json[];

int sr_tools_new(bool conformance, struct sr_tools **tools, struct sr_error *err);
void sr_tools_free(struct sr_tools *tools);
int sr_tools_count(const struct sr_tools *tools);
const char *sr_tools_name(const struct sr_tools *tools, int index);

/* Whether the tool that tools/call params name streams. */
bool sr_tools_streams(const struct sr_tools *tools, const json_t *params);

/* A result: one JSON object, as text and as structured content. */
void sr_tool_answer(struct sr_call *call, const char *json);

/* The tool could not do it: a result with isError. */
void sr_tool_fail(struct sr_call *call, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* tools_tasks.c */
void sr_tool_get_next_task(struct sr_call *call, const json_t *arguments);
void sr_tool_update_task_status(struct sr_call *call, const json_t *arguments);
void sr_tool_get_next_available_id(struct sr_call *call, const json_t *arguments);
void sr_tool_reserve_id_range(struct sr_call *call, const json_t *arguments);
void sr_tool_add_task(struct sr_call *call, const json_t *arguments);

/* tools_artifacts.c */
void sr_tool_store_artifact(struct sr_call *call, const json_t *arguments);
void sr_tool_resolve_artifact_path(struct sr_call *call, const json_t *arguments);
void sr_tool_validate_artifact(struct sr_call *call, const json_t *arguments);

#endif
