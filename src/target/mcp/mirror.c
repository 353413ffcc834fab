/* The documents over plain REST: GET /mcp/resources/…. */
#include "app.h"
#include "mcp/cache.h"
#include "mcp/content.h"
#include "mcp/mcp.h"
#include "request.h"

static void answer(struct sr_request *req, enum sr_kind kind, const char *name, struct sr_buf *buf)
{
	struct sr_jsonw *out = &req->out;
	char uri[SR_URI_SIZE];

	sr_uri_format(uri, kind, name);
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "uri");
	sr_jsonw_string(out, uri);
	sr_jsonw_key(out, "content");
	sr_jsonw_string(out, sr_buf_cstr(buf));
	sr_jsonw_key(out, "size_bytes");
	sr_jsonw_int(out, (int64_t)buf->len);
	sr_jsonw_end(out, '}');
	req->status = 200;
}

static void mirror(struct sr_request *req, enum sr_kind kind, const char *name)
{
	struct sr_error err;
	struct sr_buf buf;
	bool hit;
	int rc;

	sr_buf_init(&buf, SR_CONTENT_MAX);
	rc = sr_uri_is_name(kind, name) ? sr_cache_load(req->app, kind, name, &buf, &hit, &err) : -SR_ESTATE;
	if (rc == -SR_ESTATE) {
		sr_request_error(req, 404, "No such resource in %s", sr_kind_name(kind));
	} else if (rc || !sr_buf_cstr(&buf)) {
		sr_jlog_event(req->app->log, SR_LOG_ERROR, "resources", "%s", rc ? err.text : "out of memory");
		sr_request_error(req, 500, "The resource cannot be read");
	} else {
		req->cache = hit ? "HIT" : "MISS";
		answer(req, kind, name, &buf);
	}
	sr_buf_deinit(&buf);
}

void sr_mirror_sdlc(struct sr_request *req)
{
	mirror(req, SR_KIND_SDLC, "core");
}

void sr_mirror_pattern(struct sr_request *req)
{
	mirror(req, SR_KIND_PATTERNS, req->args[0]);
}

void sr_mirror_template(struct sr_request *req)
{
	mirror(req, SR_KIND_TEMPLATES, req->args[0]);
}
