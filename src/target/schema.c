#include "schema.h"

#include "db.h"
#include "fault.h"
#include "keys.h"

#include <string.h>

static const struct sr_statement add_statement = {
    "schema_add_project", "INSERT INTO projects (project_id) VALUES ($1) ON CONFLICT DO NOTHING", 1, true};
static const struct sr_statement find_statement = {"schema_find_project",
						   "SELECT project_id FROM projects WHERE project_id = $1", 1, false};

/* Any number will do, as long as all replicas take the same. */
#define LOCK         "SELECT pg_advisory_lock(7352014)"
#define DROP_INDEXES "DROP INDEX IF EXISTS tasks_project_status_created, tasks_project_created"
#define UNLOCK       "SELECT pg_advisory_unlock(7352014)"

static int add_projects(struct sr_db_conn *conn, const struct sr_keys *keys, struct sr_error *err)
{
	int rc = 0;

	for (int i = 0; !rc && i < sr_keys_count(keys); i++) {
		const char *project = sr_keys_project(keys, i);

		rc = sr_db_exec(conn, &add_statement, &project, NULL, err);
	}
	return rc;
}

int sr_schema_init(struct sr_db_conn *conn, const struct sr_keys *keys, struct sr_error *err)
{
	/* IF NOT EXISTS alone is not enough: two sessions may both find nothing, and one then fails. */
	int rc = sr_db_command(conn, LOCK, NULL, err);

	if (rc)
		return rc;
	rc = sr_db_command(conn, "BEGIN", NULL, err);
	if (!rc)
		rc = sr_db_command(conn, sr_schema_sql, NULL, err);
	if (!rc && sr_fault_on(SR_FAULT_MISSING_INDEX))
		rc = sr_db_command(conn, DROP_INDEXES, NULL, err);
	if (!rc)
		rc = add_projects(conn, keys, err);
	if (!rc)
		rc = sr_db_commit(conn, err);
	sr_db_rollback(conn);
	if (sr_db_command(conn, UNLOCK, NULL, NULL))
		sr_db_spoil(conn);
	return rc;
}

int sr_schema_check(struct sr_db_conn *conn, const struct sr_keys *keys, struct sr_error *err)
{
	for (int i = 0; i < sr_keys_count(keys); i++) {
		const char *project = sr_keys_project(keys, i);
		PGresult *result;
		int found;
		int rc = sr_db_exec(conn, &find_statement, &project, &result, err);

		if (rc == -SR_ESERVER && strcmp(err->detail, "42P01") == 0)
			return sr_fail(err, SR_ESTATE, "schema.check",
				       "the database has no schema; --init-schema creates it");
		if (rc)
			return rc;
		found = PQntuples(result);
		PQclear(result);
		if (!found)
			return sr_fail(
			    err, SR_ESTATE, "schema.check",
			    "the database does not know project '%s'; --init-schema adds the projects of the keys",
			    project);
	}
	return 0;
}
