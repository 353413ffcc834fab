#include "mcp/mcp.h"

#include "app.h"
#include "fault.h"
#include "mcp/asks.h"
#include "mcp/content.h"
#include "mcp/meters.h"
#include "mcp/mixup.h"
#include "mcp/store.h"
#include "mcp/tools.h"
#include "request.h"

#include <stdlib.h>
#include <string.h>

static int open_parts(struct sr_mcp *mcp, const struct sr_options *options, struct sr_error *err)
{
	int rc = 0;

	if (options->content)
		rc = sr_content_open(options->content, options->init_content, &mcp->content, err);
	if (!rc && options->artifacts)
		rc = sr_store_open(options->artifacts, &mcp->store, err);
	if (!rc)
		rc = sr_tools_new(options->conformance, &mcp->tools, err);
	if (rc)
		return rc;
	mcp->meters = sr_meters_new(sr_tools_count(mcp->tools));
	if (options->conformance)
		mcp->asks = sr_asks_new();
	if (sr_fault_on(SR_FAULT_MCP_REPLY_MIXUP))
		mcp->mixup = sr_mixup_new();
	if (!mcp->meters || (options->conformance && !mcp->asks) ||
	    (sr_fault_on(SR_FAULT_MCP_REPLY_MIXUP) && !mcp->mixup))
		return sr_fail(err, SR_ENOMEM, "start", "out of memory");
	return 0;
}

int sr_mcp_open(struct sr_app *app, struct sr_error *err)
{
	const struct sr_options *options = app->options;
	struct sr_mcp *mcp = calloc(1, sizeof(*mcp));
	int rc;

	if (!mcp)
		return sr_fail(err, SR_ENOMEM, "start", "out of memory");
	rc = open_parts(mcp, options, err);
	if (rc) {
		sr_mcp_close(mcp);
		return rc;
	}
	mcp->guard.listen = options->host;
	memcpy(mcp->guard.hosts, options->allow_hosts, sizeof(mcp->guard.hosts));
	memcpy(mcp->guard.origins, options->allow_origins, sizeof(mcp->guard.origins));
	app->mcp = mcp;
	return 0;
}

void sr_mcp_close(struct sr_mcp *mcp)
{
	if (!mcp)
		return;
	sr_content_close(mcp->content);
	sr_store_close(mcp->store);
	sr_meters_free(mcp->meters);
	sr_tools_free(mcp->tools);
	sr_asks_free(mcp->asks);
	sr_mixup_free(mcp->mixup);
	free(mcp);
}

bool sr_mcp_admit(struct sr_request *req)
{
	const struct sr_guard *guard = &req->app->mcp->guard;
	const char *host = sr_request_header(req, "Host");
	const char *origin = sr_request_header(req, "Origin");

	if (!sr_guard_host(guard, host))
		sr_request_error(req, 403, "Host: not this server's; --allow-host adds names");
	else if (!sr_guard_origin(guard, origin))
		sr_request_error(req, 403, "Origin: not allowed; --allow-origin adds some");
	else
		return true;
	return false;
}

void sr_mcp_render(struct sr_app *app, struct sr_prom *prom)
{
	sr_meters_render(app->mcp->meters, prom, app->mcp->tools);
}
