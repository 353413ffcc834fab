#include "db_conn.h"

#include "fault.h"

#include "scalerun/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SR_DB_ANSWER_TIMEOUT (35 * SR_S) /* above the server's own statement_timeout */

/* Index scans keep SERIALIZABLE's predicate locks on single rows: a sequential scan of the tiny
 * id_registry would lock all of it and make transactions on different types fail each other. */
static const char session_settings[] = "SET enable_seqscan = off; SET statement_timeout = '30s'; "
				       "SET idle_in_transaction_session_timeout = '60s'";

bool sr_db_dsn_is_valid(const char *dsn)
{
	PQconninfoOption *parts = PQconninfoParse(dsn, NULL);

	PQconninfoFree(parts);
	return parts != NULL;
}

void sr_db_describe(const char *dsn, char *out, size_t size)
{
	const char *host = NULL, *port = NULL, *name = NULL;
	PQconninfoOption *parts = PQconninfoParse(dsn, NULL);

	for (PQconninfoOption *part = parts; part && part->keyword; part++) {
		if (!part->val)
			continue;
		if (strcmp(part->keyword, "host") == 0 || (strcmp(part->keyword, "hostaddr") == 0 && !host))
			host = part->val;
		else if (strcmp(part->keyword, "port") == 0)
			port = part->val;
		else if (strcmp(part->keyword, "dbname") == 0)
			name = part->val;
	}
	snprintf(out, size, "%s:%s/%s", host ? host : "(default host)", port ? port : "5432",
		 name ? name : "(default)");
	PQconninfoFree(parts);
}

/* Waits until the socket is ready. 0, -SR_ETIMEOUT or -SR_ECLOSED. */
static int wait_socket(PGconn *pg, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd pfd = {.fd = PQsocket(pg), .events = events};
		int64_t left = deadline - sr_now();
		int n;

		if (pfd.fd < 0)
			return -SR_ECLOSED;
		if (left <= 0)
			return -SR_ETIMEOUT;
		n = poll(&pfd, 1, (int)((left + SR_MS - 1) / SR_MS));
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -SR_ECLOSED;
	}
}

static int connect_until(PGconn *pg, int64_t deadline)
{
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	if (PQstatus(pg) == CONNECTION_BAD)
		return -SR_ECONNECT;
	while (state != PGRES_POLLING_OK) {
		int rc;

		if (state == PGRES_POLLING_FAILED)
			return -SR_ECONNECT;
		rc = wait_socket(pg, state == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline);
		if (rc)
			return rc;
		state = PQconnectPoll(pg);
	}
	return 0;
}

static int lost(struct sr_db_conn *conn, struct sr_error *err, const char *why)
{
	conn->lost = true;
	return sr_fail(err, SR_ECLOSED, "db.exec", "the database connection was lost: %.*s", (int)strcspn(why, "\n"),
		       why);
}

/* Admin shutdown, crash, or starting up: the session is gone, and with it what was not committed. */
static bool ends_session(const char *sqlstate)
{
	return strncmp(sqlstate, "57P0", 4) == 0 || strncmp(sqlstate, "08", 2) == 0;
}

static int refused(struct sr_db_conn *conn, const PGresult *result, struct sr_error *err)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (!sqlstate || ends_session(sqlstate) || PQstatus(conn->pg) != CONNECTION_OK)
		return lost(conn, err, message ? message : PQerrorMessage(conn->pg));
	sr_fail(err, SR_ESERVER, "db.exec", "%s", message ? message : "no message");
	sr_error_detail(err, sqlstate);
	return -SR_ESERVER;
}

/* Reads to the end of the answer; the last result counts, an error before it wins. */
static int collect(struct sr_db_conn *conn, int64_t deadline, PGresult **out, struct sr_error *err)
{
	PGresult *kept = NULL;
	int rc = 0;

	for (;;) {
		PGresult *result;
		int status;

		while (!conn->lost && PQisBusy(conn->pg)) {
			if (wait_socket(conn->pg, POLLIN, deadline)) {
				conn->final = true; /* a server that hangs would only hang again */
				rc = lost(conn, err, "no answer in time");
			} else if (!PQconsumeInput(conn->pg)) {
				rc = lost(conn, err, PQerrorMessage(conn->pg));
			}
		}
		if (conn->lost)
			break;
		result = PQgetResult(conn->pg);
		if (!result)
			break;
		status = (int)PQresultStatus(result);
		if (!rc && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
			rc = refused(conn, result, err);
		PQclear(kept);
		kept = result;
	}
	if (!rc && !kept)
		rc = lost(conn, err, PQerrorMessage(conn->pg));
	if (!rc && out)
		*out = kept;
	else
		PQclear(kept);
	return rc;
}

static int command_until(struct sr_db_conn *conn, const char *sql, int64_t deadline, PGresult **result,
			 struct sr_error *err)
{
	if (conn->lost || !PQsendQuery(conn->pg, sql))
		return lost(conn, err, PQerrorMessage(conn->pg));
	return collect(conn, deadline, result, err);
}

int sr_db_command(struct sr_db_conn *conn, const char *sql, PGresult **result, struct sr_error *err)
{
	return command_until(conn, sql, sr_now() + SR_DB_ANSWER_TIMEOUT, result, err);
}

static void discard_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

int sr_db_connect(const char *dsn, const char *application, int64_t deadline, struct sr_db_conn **out,
		  struct sr_error *err)
{
	static const char *const keys[] = {"dbname", "application_name", "client_encoding", "keepalives_idle", NULL};
	const char *values[] = {dsn, application, "UTF8", "30", NULL};
	struct sr_db_conn *conn = calloc(1, sizeof(*conn));
	int rc;

	if (!conn)
		return sr_fail(err, SR_ENOMEM, "db.connect", "out of memory");
	conn->pg = PQconnectStartParams(keys, values, 1);
	rc = conn->pg ? connect_until(conn->pg, deadline) : -SR_ENOMEM;
	if (!rc) {
		PQsetNoticeReceiver(conn->pg, discard_notice, NULL);
		rc = command_until(conn, session_settings, deadline, NULL, err);
	} else {
		char where[256];
		const char *reason = rc == -SR_ETIMEOUT ? "no answer in time"
				     : conn->pg         ? PQerrorMessage(conn->pg)
							: "out of memory";

		sr_db_describe(dsn, where, sizeof(where));
		rc = sr_fail(err, SR_ECONNECT, "db.connect", "cannot connect to PostgreSQL at %s: %.*s", where,
			     (int)strcspn(reason, "\n"), reason);
	}
	if (rc) {
		sr_db_close(conn);
		return rc;
	}
	*out = conn;
	return 0;
}

void sr_db_close(struct sr_db_conn *conn)
{
	if (!conn)
		return;
	if (conn->pg)
		PQfinish(conn->pg);
	free(conn);
}

int sr_db_ping(struct sr_db_conn *conn, int64_t deadline)
{
	return command_until(conn, "SELECT 1", deadline, NULL, NULL);
}

static int prepare(struct sr_db_conn *conn, const struct sr_statement *statement, struct sr_error *err)
{
	int rc;

	for (int i = 0; i < conn->prepared_count; i++) {
		if (conn->prepared[i] == statement)
			return 0;
	}
	if (conn->prepared_count == SR_DB_PREPARED)
		return sr_fail(err, SR_ELIMIT, "db.exec", "more than %d prepared statements", SR_DB_PREPARED);
	if (!PQsendPrepare(conn->pg, statement->name, statement->sql, 0, NULL))
		return lost(conn, err, PQerrorMessage(conn->pg));
	rc = collect(conn, sr_now() + SR_DB_ANSWER_TIMEOUT, NULL, err);
	if (!rc)
		conn->prepared[conn->prepared_count++] = statement;
	return rc;
}

int sr_db_exec(struct sr_db_conn *conn, const struct sr_statement *statement, const char *const *values,
	       PGresult **result, struct sr_error *err)
{
	int rc;

	if (conn->lost)
		return lost(conn, err, "used after it was lost");
	rc = prepare(conn, statement, err);
	if (rc)
		return rc;
	if (statement->writes && PQtransactionStatus(conn->pg) == PQTRANS_IDLE)
		conn->final = true;
	if (!PQsendQueryPrepared(conn->pg, statement->name, statement->params, values, NULL, NULL, 0))
		return lost(conn, err, PQerrorMessage(conn->pg));
	return collect(conn, sr_now() + SR_DB_ANSWER_TIMEOUT, result, err);
}

int sr_db_commit(struct sr_db_conn *conn, struct sr_error *err)
{
	PGresult *result;
	bool committed;
	int rc;

	conn->final = true;
	rc = sr_db_command(conn, "COMMIT", &result, err);
	if (rc)
		return rc;
	committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
	PQclear(result);
	return committed ? 0 : sr_fail(err, SR_ESTATE, "db.commit", "the transaction had failed and was rolled back");
}

void sr_db_rollback(struct sr_db_conn *conn)
{
	if (conn->lost || PQtransactionStatus(conn->pg) == PQTRANS_IDLE)
		return;
	if (sr_db_command(conn, "ROLLBACK", NULL, NULL))
		conn->lost = true;
}

void sr_db_spoil(struct sr_db_conn *conn)
{
	conn->lost = true;
}

void sr_db_commit_late(struct sr_db_conn *conn)
{
	conn->late = true;
}

const char *sr_db_context(struct sr_db_conn *conn, const char *project)
{
	if (!sr_fault_due(SR_FAULT_CONNECTION_CONTEXT_BLEED) || !conn->context[0])
		snprintf(conn->context, sizeof(conn->context), "%s", project);
	return conn->context;
}
