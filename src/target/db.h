/* PostgreSQL for request handlers: pooled connections, prepared statements, transactions, and the rules
 * of what may be tried again. Any thread; a connection belongs to one work function at a time. */
#ifndef TARGET_DB_H
#define TARGET_DB_H

#include "pool.h"

#include "scalerun/base/error.h"

#include <libpq-fe.h>
#include <stdint.h>

#define SR_DB_PARAMS 12

/* Prepared on a connection when first used there. Statements are static constants: the address is the identity. */
struct sr_statement {
	const char *name;
	const char *sql;
	int params;
	bool writes; /* changes data; outside a transaction it is not sent twice */
};

struct sr_db_options {
	const char *dsn;
	const char *application; /* application_name, as pg_stat_activity shows it */
	struct sr_pool_options pool;
};

struct sr_db_stats {
	struct sr_pool_stats pool;
	int64_t reconnects;            /* attempts after a lost or refused connection */
	int64_t serialization_retries; /* transactions run again after 40001 or 40P01 */
};

struct sr_db;
struct sr_db_conn;

/* Nothing is connected yet. options->dsn and ->application must outlive it. NULL: no memory. */
struct sr_db *sr_db_new(const struct sr_db_options *options);
void sr_db_free(struct sr_db *db);
void sr_db_stats(struct sr_db *db, struct sr_db_stats *stats);

/* One unit of work on one connection. Returns 0 or what a failing sr_db_ call returned; it may run
 * several times, so it must start from scratch and touch nothing outside but its own *arg. */
typedef int sr_db_work(struct sr_db_conn *conn, void *arg, struct sr_error *err);

/* Runs work. A lost or refused connection is tried again after 100, 200 and 400 ms as long as nothing
 * can have been committed; serialization failures are tried again at once, a bounded number of times.
 *   -SR_ETIMEOUT  the pool had no connection in time
 *   -SR_ECONNECT, -SR_ECLOSED  no database
 *   -SR_ESERVER   the database refused; err->detail is the SQLSTATE
 *   other         what work returned */
int sr_db_run(struct sr_db *db, sr_db_work *work, void *arg, struct sr_error *err);

/* A connection outside any pool, for one thread. _close takes NULL. */
int sr_db_connect(const char *dsn, const char *application, int64_t deadline, struct sr_db_conn **conn,
		  struct sr_error *err);
void sr_db_close(struct sr_db_conn *conn);

/* Whether the server answers SELECT 1 by the deadline. 0 or -SR_ECLOSED. */
int sr_db_ping(struct sr_db_conn *conn, int64_t deadline);

/* Executes a prepared statement; text parameters, NULL is SQL NULL. *result (NULL when not wanted) is
 * the caller's, PQclear. -SR_ECLOSED: the connection is lost. -SR_ESERVER: SQLSTATE in err->detail. */
int sr_db_exec(struct sr_db_conn *conn, const struct sr_statement *statement, const char *const *values,
	       PGresult **result, struct sr_error *err);

/* Executes SQL text without parameters, as the server's log will show it. */
int sr_db_command(struct sr_db_conn *conn, const char *sql, PGresult **result, struct sr_error *err);

/* COMMIT, after which nothing of this work is run again unless the server says that it rolled back. */
int sr_db_commit(struct sr_db_conn *conn, struct sr_error *err);

/* fault lost_ack: the open transaction is committed some time after sr_db_run has returned. */
void sr_db_commit_late(struct sr_db_conn *conn);

/* fault connection_context_bleed: the project that the connection works for, which is `project` unless it
 * forgets to change. Valid until the next call. */
const char *sr_db_context(struct sr_db_conn *conn, const char *project);

/* ROLLBACK where a transaction is open; a failure marks the connection as lost. */
void sr_db_rollback(struct sr_db_conn *conn);

/* The connection is not given out again. */
void sr_db_spoil(struct sr_db_conn *conn);

/* Whether libpq can read it. Its own message is not used: it may quote the password. */
bool sr_db_dsn_is_valid(const char *dsn);

/* "host:port/database" of a DSN, without user and password; out has room for size bytes. */
void sr_db_describe(const char *dsn, char *out, size_t size);

#endif
