#include "ids.h"
#include "artifact.h"
#include "handlers.h"
#include "registry.h"
#include "request.h"

#include <string.h>

bool sr_ids_check_type(struct sr_request *req, const char *value, const char **type)
{
	*type = value ? sr_artifact_type(value) : NULL;
	if (!*type)
		sr_request_error(req, 400, "type: %s; allowed: " SR_ARTIFACT_TYPES,
				 value ? "not an artifact type" : "required");
	return *type != NULL;
}

const char *sr_ids_scope(const struct sr_request *req)
{
	return req->app->options->project_scope ? req->project : "global";
}

bool sr_ids_check_owner(struct sr_request *req, const char *project)
{
	if (strcmp(project, req->project) == 0)
		return true;
	sr_request_error(req, 404, "No such project for this key");
	return false;
}

static int allocate_one(struct sr_db_conn *conn, void *arg, struct sr_error *err)
{
	return sr_registry_allocate(conn, arg, NULL, NULL, err);
}

void sr_ids_next(struct sr_request *req)
{
	struct sr_allocation allocation = {.scope = sr_ids_scope(req), .count = 1, .allow_faults = true};
	char id[SR_ARTIFACT_ID_SIZE], last[SR_ARTIFACT_ID_SIZE];
	const char *type, *project;
	struct sr_error err;
	struct sr_jsonw *out;
	int rc;

	if (!sr_request_param(req, "type", &type) || !sr_ids_check_type(req, type, &allocation.type) ||
	    !sr_request_project_param(req, "project", &project) || !sr_ids_check_owner(req, project))
		return;
	rc = sr_db_run(req->app->db, allocate_one, &allocation, &err);
	if (rc) {
		sr_request_db_error(req, rc, &err);
		return;
	}
	sr_stats_add(req->app->stats, SR_STATS_IDS_ALLOCATED, 1);
	sr_artifact_id(id, allocation.type, allocation.first);
	sr_artifact_id(last, allocation.type, allocation.last_before);
	out = sr_request_begin_ok(req);
	sr_jsonw_key(out, "artifact_type");
	sr_jsonw_string(out, allocation.type);
	sr_jsonw_key(out, "next_id");
	sr_jsonw_string(out, id);
	sr_jsonw_key(out, "last_assigned");
	sr_jsonw_string(out, allocation.last_before > 0 ? last : NULL);
	sr_request_end_ok(req);
}
