/* The MCP side of the target: what its handlers share. Made by main, read-only while the server runs. */
#ifndef TARGET_MCP_MCP_H
#define TARGET_MCP_MCP_H

#include "mcp/guard.h"

#include "scalerun/base/error.h"

#define SR_MCP_ENDPOINT "/mcp"

struct sr_app;
struct sr_prom;
struct sr_request;

struct sr_mcp {
	struct sr_content *content; /* NULL: none */
	struct sr_store *store;     /* NULL: none */
	struct sr_meters *meters;
	struct sr_tools *tools;
	struct sr_asks *asks;   /* NULL unless --conformance */
	struct sr_mixup *mixup; /* NULL unless a fault needs it */
	struct sr_guard guard;
};

/* Opens what app->options name and sets app->mcp. */
int sr_mcp_open(struct sr_app *app, struct sr_error *err);
void sr_mcp_close(struct sr_mcp *mcp); /* NULL is fine */

/* Whether the request's Host and Origin are let in; false after 403. */
bool sr_mcp_admit(struct sr_request *req);

/* Appends the MCP part of /metrics. */
void sr_mcp_render(struct sr_app *app, struct sr_prom *prom);

/* Handlers of the route table. */
void sr_mcp_post(struct sr_request *req);        /* endpoint.c */
void sr_mirror_sdlc(struct sr_request *req);     /* mirror.c */
void sr_mirror_pattern(struct sr_request *req);  /* mirror.c */
void sr_mirror_template(struct sr_request *req); /* mirror.c */

#endif
