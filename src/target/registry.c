#include "registry.h"

#include "artifact.h"
#include "fault.h"
#include "pause.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SR_REGISTRY_OVERLAP (5 * SR_MS) /* allocation_conflict: time for another to come in between */

static const struct sr_statement lock_statement = {"registry_lock", "SELECT pg_advisory_lock(hashtextextended($1, 0))",
						   1, false};
static const struct sr_statement unlock_statement = {"registry_unlock",
						     "SELECT pg_advisory_unlock(hashtextextended($1, 0))", 1, false};
static const struct sr_statement read_statement = {
    "registry_read", "SELECT last_assigned_id FROM id_registry WHERE artifact_type = $1 AND scope = $2", 2, false};
static const struct sr_statement create_statement = {
    "registry_create", "INSERT INTO id_registry (artifact_type, scope, last_assigned_id) VALUES ($1, $2, 0)", 2, true};
/* The new value and the id made of it are parameters, so that the server's statement log says which ids a
 * transaction took; for the range of a reservation, the highest one. */
static const struct sr_statement advance_statement = {
    "registry_advance",
    "UPDATE id_registry SET last_assigned_id = $3 WHERE artifact_type = $1 AND scope = $2 RETURNING $4::text", 4, true};

static int read_last(struct sr_db_conn *conn, const struct sr_allocation *allocation, int64_t *last,
		     struct sr_error *err)
{
	const char *values[] = {allocation->type, allocation->scope};
	PGresult *result;
	int rc = sr_db_exec(conn, &read_statement, values, &result, err);

	if (rc)
		return rc;
	*last = 0;
	if (PQntuples(result) == 0)
		rc = sr_db_exec(conn, &create_statement, values, NULL, err);
	else
		*last = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	return rc;
}

/* fault unordered_id: a number that was skipped, until the next turn. One at a time. */
static struct {
	pthread_mutex_t lock;
	int64_t number; /* 0: none */
	char type[16];
	char scope[104];
} skipped = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void choose_unordered(struct sr_allocation *allocation)
{
	if (allocation->count != 1 || !sr_fault_due(SR_FAULT_UNORDERED_ID))
		return;
	pthread_mutex_lock(&skipped.lock);
	if (skipped.number && strcmp(skipped.type, allocation->type) == 0 &&
	    strcmp(skipped.scope, allocation->scope) == 0) {
		allocation->first = skipped.number;
		skipped.number = 0;
	} else {
		snprintf(skipped.type, sizeof(skipped.type), "%s", allocation->type);
		snprintf(skipped.scope, sizeof(skipped.scope), "%s", allocation->scope);
		skipped.number = allocation->first++;
	}
	pthread_mutex_unlock(&skipped.lock);
}

/* Chooses the numbers, with the faults that a target without a correct allocation would show. */
static void choose(struct sr_allocation *allocation, int64_t last)
{
	allocation->last_before = last;
	if (last < allocation->floor)
		last = allocation->floor;
	allocation->first = last + 1;
	if (!allocation->allow_faults)
		return;
	if (last >= allocation->count && sr_fault_due(SR_FAULT_DUPLICATE_ID))
		allocation->first = last - allocation->count + 1;
	else if (sr_fault_due(SR_FAULT_GAP_ID))
		allocation->first = last + 2;
	else
		choose_unordered(allocation);
}

static int advance(struct sr_db_conn *conn, struct sr_allocation *allocation, struct sr_error *err)
{
	char value[24], id[SR_ARTIFACT_ID_SIZE];
	const char *values[] = {allocation->type, allocation->scope, value, id};
	int64_t last, highest;
	int rc = read_last(conn, allocation, &last, err);

	if (rc)
		return rc;
	choose(allocation, last);
	highest = allocation->first + allocation->count - 1;
	snprintf(value, sizeof(value), "%lld", (long long)(highest > last ? highest : last));
	sr_artifact_id(id, allocation->type, highest);
	return sr_db_exec(conn, &advance_statement, values, NULL, err);
}

static int transaction(struct sr_db_conn *conn, struct sr_allocation *allocation, sr_registry_body *body, void *arg,
		       struct sr_error *err)
{
	const char *begin = sr_fault_on(SR_FAULT_READ_COMMITTED) ? "BEGIN ISOLATION LEVEL READ COMMITTED"
								 : "BEGIN ISOLATION LEVEL SERIALIZABLE";
	int rc = sr_db_command(conn, begin, NULL, err);

	if (!rc)
		rc = advance(conn, allocation, err);
	if (!rc && sr_fault_on(SR_FAULT_ALLOCATION_CONFLICT))
		sr_pause(SR_REGISTRY_OVERLAP);
	if (!rc && body)
		rc = body(conn, allocation, arg, err);
	if (!rc)
		rc = sr_db_commit(conn, err);
	return rc;
}

int sr_registry_allocate(struct sr_db_conn *conn, struct sr_allocation *allocation, sr_registry_body *body, void *arg,
			 struct sr_error *err)
{
	char name[160];
	const char *values[] = {name};
	int rc;

	if (sr_fault_on(SR_FAULT_ALLOCATION_CONFLICT))
		return transaction(conn, allocation, body, arg, err);
	snprintf(name, sizeof(name), "id_registry/%s/%s", allocation->type, allocation->scope);
	rc = sr_db_exec(conn, &lock_statement, values, NULL, err);
	if (rc)
		return rc;
	rc = transaction(conn, allocation, body, arg, err);
	sr_db_rollback(conn);
	/* The lock is the session's: if it cannot be given back, the session has to end. */
	if (sr_db_exec(conn, &unlock_statement, values, NULL, NULL))
		sr_db_spoil(conn);
	return rc;
}
