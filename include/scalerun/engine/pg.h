/* PostgreSQL connections on the loop, by libpq.
 *
 * Ops on one connection are sent in the order of their start. Queries travel in libpq's pipeline mode
 * with a sync each: several may be in flight, each is its own transaction (outside sr_pg_tx), and an
 * error stays with its query. Multi-statement texts and COPY use the simple protocol and therefore run
 * alone. Nothing is ever sent twice.
 *
 * Cancel and deadline: an op that waits is taken out of the queue. An op that was sent ends at once;
 * nothing more is sent on the connection, the answers of those before and after it are still
 * delivered, and once nobody waits for what the server runs, the server is asked to cancel (from a
 * thread of its own, because PQcancel blocks) and the rest is drained. Then the connection goes on. If
 * that takes more than 5 s the connection is closed. Whether a given-up statement took effect is
 * unknown.
 *
 * A lost connection fails what was in flight and what waited with SR_ECLOSED (SR_EPROTO where the
 * server's bytes made no sense), detail holds the server's SQLSTATE where it gave one; later ops fail
 * the same way. No reconnect. The password never appears in an error.
 *
 * Threads: everything here belongs to the loop's thread. */
#ifndef SCALERUN_ENGINE_PG_H
#define SCALERUN_ENGINE_PG_H

#include "scalerun/base/error.h"
#include "scalerun/loop/loop.h"
#include "scalerun/loop/op.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sr_pg;    /* a connection */
struct sr_pg_tx; /* a transaction on it */

#define SR_PG_MAX_RESULT (64u << 20) /* bytes of one result, by default */
#define SR_PG_STATEMENTS 128         /* prepared statements kept per connection, by default */
#define SR_PG_DEPTH      32          /* queries in flight per connection, by default */
#define SR_PG_MAX_DEPTH  1024
#define SR_PG_MAX_PARAMS 65535
#define SR_PG_MAX_SQL    (64u << 20) /* bytes of a text with its parameters */

struct sr_pg_options {
	const char *dsn;             /* URI or "key=value …"; NULL: libpq's defaults and environment */
	const char *const *keywords; /* NULL-terminated, with values; they win over the dsn; or NULL */
	const char *const *values;
	size_t max_result;   /* bytes of one result, counted as they arrive; 0: SR_PG_MAX_RESULT */
	unsigned statements; /* prepared statements kept; the least recently used one goes first */
	unsigned depth;      /* queries in flight, 1 … SR_PG_MAX_DEPTH; 0: SR_PG_DEPTH */
	bool unprepared;     /* send every query unprepared; otherwise statements 0 means SR_PG_STATEMENTS */
};

/* ---- connecting ---- */

/* An op that connects. Its options are copied. NULL: no memory. libpq looks host names up before it
 * returns to the loop: a slow resolver stops the whole thread (addresses and socket folders do not). */
struct sr_op *sr_pg_connect_new(struct sr_loop *loop, const struct sr_pg_options *options);
void sr_pg_connect_start(struct sr_op *op, int64_t timeout);

/* After success, once: the connection is the caller's, to be freed by sr_pg_free. */
struct sr_pg *sr_pg_connect_take(struct sr_op *op);

/* Ends what is in flight and waits with SR_ESTATE and closes; later ops fail with SR_ESTATE. */
void sr_pg_close(struct sr_pg *pg);

/* Closes and frees. Ops of it that have not completed still do. NULL is allowed. */
void sr_pg_free(struct sr_pg *pg);

/* 0, or the negative code with which ops fail now, with the reason. */
int sr_pg_check(const struct sr_pg *pg, struct sr_error *err);

/* True when nothing is sent, waiting, held or drained. */
bool sr_pg_idle(const struct sr_pg *pg);

/* As libpq saw it after the last answer: PQTRANS_IDLE, _INTRANS, _INERROR, _ACTIVE while something is
 * in flight, _UNKNOWN when closed. */
PGTransactionStatusType sr_pg_transaction_status(const struct sr_pg *pg);

int sr_pg_backend_pid(const struct sr_pg *pg);
int sr_pg_server_version(const struct sr_pg *pg);                      /* 150013 for 15.13 */
const char *sr_pg_parameter(const struct sr_pg *pg, const char *name); /* as reported by the server, or NULL */

/* ---- statements ---- */

/* One statement with $1 … as texts (NULL: SQL NULL) whose types the server infers. Everything is
 * copied. Prepared on the server at its first use on this connection. A statement that the server no
 * longer has, or whose result type changed, fails once and is prepared anew by its next use.
 * NULL: no memory. A text over SR_PG_MAX_SQL fails when started. */
struct sr_op *sr_pg_query_new(struct sr_pg *pg, const char *sql, int nparams, const char *const *params);

/* One or more statements without parameters; outside a transaction block they run as one transaction.
 * The result is the last statement's. */
struct sr_op *sr_pg_exec_new(struct sr_pg *pg, const char *sql);

/* Starts any op below except a copy's own and a batch. tx: the transaction that it belongs to, or NULL; ops
 * without one wait while a transaction is open on the connection. timeout in ns, the wait included. */
void sr_pg_start(struct sr_op *op, struct sr_pg_tx *tx, int64_t timeout);

/* The result of an op that ended well; the op's, freed with it. Text format. NULL for an empty text. */
const PGresult *sr_pg_result(const struct sr_op *op);

/* Many queries at once, each an op of sr_pg_query_new that was not started. The batch takes them over,
 * ends when all have ended, and ends well whatever became of them: see each one's status. NULL: no
 * memory, and the ops stay the caller's. */
struct sr_op *sr_pg_batch_new(struct sr_pg *pg, struct sr_op *const *ops, unsigned count);
void sr_pg_batch_start(struct sr_op *op, struct sr_pg_tx *tx, int64_t timeout);
unsigned sr_pg_batch_count(const struct sr_op *op);
const struct sr_op *sr_pg_batch_get(const struct sr_op *op, unsigned index);

/* ---- transactions ---- */

enum sr_pg_isolation {
	SR_PG_DEFAULT_ISOLATION, /* the server's default_transaction_isolation */
	SR_PG_READ_UNCOMMITTED,
	SR_PG_READ_COMMITTED,
	SR_PG_REPEATABLE_READ,
	SR_PG_SERIALIZABLE,
};

struct sr_pg_tx_options {
	enum sr_pg_isolation isolation;
	bool read_only;
	bool deferrable;
};

/* BEGIN, started without a tx; from then on the transaction has the connection for itself. *tx is the caller's
 * at once, whatever becomes of the op, and is freed by sr_pg_tx_free. NULL: no memory, *tx is NULL. */
struct sr_op *sr_pg_begin_new(struct sr_pg *pg, const struct sr_pg_tx_options *options, struct sr_pg_tx **tx);

/* COMMIT or ROLLBACK, started with the tx. A commit that the server turned into a rollback, because a statement had
 * failed, fails with SR_ESTATE. The transaction has ended in any case. If a commit is given up or the connection is
 * lost meanwhile, its outcome is unknown, and the error says so. */
struct sr_op *sr_pg_commit_new(struct sr_pg_tx *tx);
struct sr_op *sr_pg_rollback_new(struct sr_pg_tx *tx);

/* True from the end of BEGIN to the start of COMMIT or ROLLBACK, while the connection lives. */
bool sr_pg_tx_active(const struct sr_pg_tx *tx);

/* Frees the transaction. If it has not ended, it is rolled back behind the scenes before the connection
 * does anything else; ops of it that wait fail with SR_ESTATE. NULL is allowed. */
void sr_pg_tx_free(struct sr_pg_tx *tx);

/* ---- COPY FROM STDIN ---- */

struct sr_pg_copy;

/* Begins a COPY … FROM STDIN; ends when the server takes data. Until the copy has ended the connection does
 * nothing else. *copy is the caller's at once and is freed by sr_pg_copy_free. NULL: no memory, *copy NULL. */
struct sr_op *sr_pg_copy_new(struct sr_pg *pg, const char *sql, struct sr_pg_copy **copy);

/* An op for one of the two that follow. Cancelling it ends the whole copy: nothing of it stays. */
struct sr_op *sr_pg_copy_op_new(struct sr_pg_copy *copy);

/* Sends a piece (any cut, copied at once) and ends when the kernel has all of it: whoever waits for each piece
 * before the next keeps little in memory. A row that the server refuses shows at the end only. One at a time. */
void sr_pg_copy_feed_start(struct sr_op *op, const void *data, size_t len, int64_t timeout);

/* No more data: ends with the server's verdict; PQcmdTuples of sr_pg_result has the number of rows. */
void sr_pg_copy_finish_start(struct sr_op *op, int64_t timeout);

/* Frees the copy; one that has not ended is aborted behind the scenes. NULL is allowed. */
void sr_pg_copy_free(struct sr_pg_copy *copy);

/* ---- notices ---- */

#define SR_PG_NOTICES 64 /* kept per connection; later ones push the oldest out */

struct sr_pg_notice {
	char severity[12]; /* NOTICE, WARNING, INFO… in English */
	char sqlstate[6];
	char text[256];
};

/* Takes the oldest notice out. False: there is none. */
bool sr_pg_notice_take(struct sr_pg *pg, struct sr_pg_notice *notice);

/* How many were pushed out since the connection began. */
uint64_t sr_pg_notices_lost(const struct sr_pg *pg);

#endif
