/* What the official conformance suite asks a server for, served with --conformance only: test_ tools,
 * test:// resources, test_ prompts, logging, completion, subscriptions. */
#ifndef TARGET_MCP_FIXTURES_H
#define TARGET_MCP_FIXTURES_H

#include "mcp/call.h"
#include "mcp/names.h"
#include "mcp/tools.h"

extern const char sr_fixtures_capabilities[];
extern const char sr_fixtures_json[]; /* the tools' definitions, embedded */
extern const struct sr_tool sr_fixture_tools[];
extern const int sr_fixture_tool_count;

/* Methods that only the fixtures have; NULL: not one of them. */
sr_call_method *sr_fixtures_method(const char *name);

void sr_fixtures_add_resources(struct sr_names *uris);
void sr_fixtures_add_templates(struct sr_names *uri_templates);
void sr_fixtures_add_prompts(struct sr_names *prompts);

/* One element of resources/list, resources/templates/list, prompts/list. */
void sr_fixtures_write_resource(struct sr_jsonw *out, const char *uri);
void sr_fixtures_write_template(struct sr_jsonw *out, const char *uri_template);
void sr_fixtures_write_prompt(struct sr_jsonw *out, const char *name);

/* False: not a fixture. */
bool sr_fixtures_read(struct sr_jsonw *out, const char *uri);
bool sr_fixtures_get_prompt(struct sr_call *call, const char *name, const json_t *arguments);

#endif
