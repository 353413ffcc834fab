/* The JSON-RPC methods that are served. */
#ifndef TARGET_MCP_METHODS_H
#define TARGET_MCP_METHODS_H

#include "mcp/call.h"

struct sr_app;

/* Runs a method by its name, or fails the call with -32601. */
void sr_methods_run(struct sr_call *call, const char *name);

/* Whether the answer may be preceded by notifications or by requests of ours. */
bool sr_methods_streams(struct sr_app *app, const struct sr_rpc *message);

void sr_resources_list(struct sr_call *call);      /* resources.c */
void sr_resources_templates(struct sr_call *call); /* resources.c */
void sr_resources_read(struct sr_call *call);      /* resources.c */
void sr_prompts_list(struct sr_call *call);        /* prompts.c */
void sr_prompts_get(struct sr_call *call);         /* prompts.c */
void sr_tools_list(struct sr_call *call);          /* tools.c */
void sr_tools_call(struct sr_call *call);          /* tools.c */

#endif
