/* resources/list, resources/templates/list and resources/read. */
#include "app.h"
#include "fault.h"
#include "mcp/cache.h"
#include "mcp/content.h"
#include "mcp/fixtures.h"
#include "mcp/listing.h"
#include "mcp/mcp.h"
#include "mcp/methods.h"
#include "mcp/store.h"
#include "mcp/traversal.h"
#include "request.h"

#include <stdio.h>
#include <string.h>

#define SR_RESOURCES_URI_MAX 2000

static const struct {
	const char *uri_template;
	const char *name;
	const char *description;
} templates[] = {
    {SR_URI_PREFIX "artifacts/{id}", "artifact", "An artifact that this project has stored, such as EPIC-001"},
    {SR_URI_PREFIX "patterns/{name}", "pattern", "An implementation pattern, such as caching"},
    {SR_URI_PREFIX "templates/{name}", "template", "The template of an artifact type, such as epic"},
};

static int add_uris(struct sr_names *uris, enum sr_kind kind, const struct sr_names *names, struct sr_error *err)
{
	char uri[SR_URI_SIZE];

	for (int i = 0; i < names->count; i++) {
		sr_uri_format(uri, kind, names->items[i]);
		if (sr_names_add(uris, uri))
			return sr_fail(err, SR_ELIMIT, "resources", "too many resources");
	}
	return 0;
}

/* Everything that the project can read, by URI. */
static int collect(const struct sr_request *req, struct sr_names *uris, struct sr_error *err)
{
	const struct sr_mcp *mcp = req->app->mcp;
	struct sr_names names;
	int rc = 0;

	for (int kind = 0; kind < SR_KINDS && !rc; kind++) {
		sr_names_init(&names);
		if (kind == SR_KIND_ARTIFACTS)
			rc = sr_store_list(mcp->store, req->project, &names, err);
		else if (kind != SR_KIND_GENERATORS)
			rc = sr_content_list(mcp->content, (enum sr_kind)kind, &names, err);
		if (!rc)
			rc = add_uris(uris, (enum sr_kind)kind, &names, err);
		sr_names_deinit(&names);
	}
	if (!rc && req->app->options->conformance)
		sr_fixtures_add_resources(uris);
	sr_names_sort(uris);
	return rc;
}

static void write_resource(struct sr_call *call, const char *uri)
{
	static const char *const labels[SR_KINDS] = {
	    [SR_KIND_ARTIFACTS] = "Artifact",
	    [SR_KIND_PATTERNS] = "Implementation pattern",
	    [SR_KIND_SDLC] = "Software development life cycle",
	    [SR_KIND_TEMPLATES] = "Artifact template",
	};
	struct sr_jsonw *out = &call->result;
	enum sr_kind kind;
	const char *name;
	char text[SR_URI_SIZE];

	if (!sr_uri_parse(uri, &kind, &name)) {
		sr_fixtures_write_resource(out, uri);
		return;
	}
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "uri");
	sr_jsonw_string(out, uri);
	sr_jsonw_key(out, "name");
	snprintf(text, sizeof(text), "%s/%s", sr_kind_name(kind), name);
	sr_jsonw_string(out, text);
	sr_jsonw_key(out, "description");
	snprintf(text, sizeof(text), "%s: %s", labels[kind], name);
	sr_jsonw_string(out, text);
	sr_jsonw_key(out, "mimeType");
	sr_jsonw_string(out, "text/markdown");
	sr_jsonw_end(out, '}');
}

void sr_resources_list(struct sr_call *call)
{
	struct sr_names uris;
	struct sr_error err;

	sr_names_init(&uris);
	if (collect(call->req, &uris, &err)) {
		sr_jlog_event(call->req->app->log, SR_LOG_ERROR, "resources", "%s", err.text);
		sr_call_fail(call, SR_RPC_INTERNAL_ERROR, "The resources cannot be listed");
	} else {
		sr_listing_answer(call, "resources", &uris, write_resource);
	}
	sr_names_deinit(&uris);
}

static void write_template(struct sr_call *call, const char *uri_template)
{
	struct sr_jsonw *out = &call->result;

	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++) {
		if (strcmp(templates[i].uri_template, uri_template) != 0)
			continue;
		sr_jsonw_begin(out, '{');
		sr_jsonw_key(out, "uriTemplate");
		sr_jsonw_string(out, uri_template);
		sr_jsonw_key(out, "name");
		sr_jsonw_string(out, templates[i].name);
		sr_jsonw_key(out, "description");
		sr_jsonw_string(out, templates[i].description);
		sr_jsonw_key(out, "mimeType");
		sr_jsonw_string(out, "text/markdown");
		sr_jsonw_end(out, '}');
		return;
	}
	sr_fixtures_write_template(out, uri_template);
}

void sr_resources_templates(struct sr_call *call)
{
	struct sr_names names;
	int rc = 0;

	sr_names_init(&names);
	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]) && !rc; i++)
		rc = sr_names_add(&names, templates[i].uri_template);
	if (!rc && call->req->app->options->conformance)
		sr_fixtures_add_templates(&names);
	sr_names_sort(&names);
	if (rc)
		sr_call_fail(call, SR_RPC_INTERNAL_ERROR, "Out of memory");
	else
		sr_listing_answer(call, "resourceTemplates", &names, write_template);
	sr_names_deinit(&names);
}

/* 0; -SR_ESTATE: there is none; else it could not be read. */
static int load(struct sr_request *req, const char *uri, struct sr_buf *buf, struct sr_error *err)
{
	enum sr_kind kind;
	const char *name;
	bool hit;
	int rc;

	if (!sr_uri_parse(uri, &kind, &name))
		return sr_fault_on(SR_FAULT_PATH_TRAVERSAL) ? sr_traversal_read(req->app->mcp->store, uri, buf, err)
							    : sr_fail(err, SR_ESTATE, "resources", "no such resource");
	if (kind == SR_KIND_ARTIFACTS)
		return sr_store_read(req->app->mcp->store, req->project, name, buf, err);
	rc = sr_cache_load(req->app, kind, name, buf, &hit, err);
	req->cache = rc ? NULL : hit ? "HIT" : "MISS";
	return rc;
}

static void write_contents(struct sr_jsonw *out, const char *uri, const char *text)
{
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "contents");
	sr_jsonw_begin(out, '[');
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "uri");
	sr_jsonw_string(out, uri);
	sr_jsonw_key(out, "mimeType");
	sr_jsonw_string(out, "text/markdown");
	sr_jsonw_key(out, "text");
	sr_jsonw_string(out, text);
	sr_jsonw_end(out, '}');
	sr_jsonw_end(out, ']');
	sr_jsonw_end(out, '}');
}

static void not_found(struct sr_call *call, const char *uri)
{
	sr_call_fail(call, SR_RPC_UNKNOWN_RESOURCE, "Resource not found: %s", uri);
	sr_jsonw_begin(&call->data, '{');
	sr_jsonw_key(&call->data, "uri");
	sr_jsonw_string(&call->data, uri);
	sr_jsonw_end(&call->data, '}');
}

void sr_resources_read(struct sr_call *call)
{
	struct sr_error err;
	struct sr_buf buf;
	const char *uri;
	int rc;

	if (!sr_call_string(call, "uri", true, SR_RESOURCES_URI_MAX, &uri))
		return;
	if (call->req->app->options->conformance && sr_fixtures_read(&call->result, uri))
		return;
	sr_buf_init(&buf, SR_CONTENT_MAX);
	rc = load(call->req, uri, &buf, &err);
	if (rc == -SR_ESTATE) {
		not_found(call, uri);
	} else if (rc || !sr_buf_cstr(&buf)) {
		sr_jlog_event(call->req->app->log, SR_LOG_ERROR, "resources", "%s", rc ? err.text : "out of memory");
		sr_call_fail(call, SR_RPC_INTERNAL_ERROR, "The resource cannot be read");
	} else {
		write_contents(&call->result, uri, sr_buf_cstr(&buf));
	}
	sr_buf_deinit(&buf);
}
