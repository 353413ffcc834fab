/* What the files of this module share. See engine/pg.h for the model. */
#ifndef SR_PG_INTERNAL_H
#define SR_PG_INTERNAL_H

#include "scalerun/base/clock.h"
#include "scalerun/engine/pg.h"
#include "statements.h"
#include "watch.h"

#define PG_DRAIN_TIMEOUT (5 * SR_S)    /* for a given-up statement to end */
#define PG_CANCEL_RETRY  (100 * SR_MS) /* between requests to cancel */

enum pg_effect { PG_NO_EFFECT, PG_BEGINS, PG_COMMITS, PG_ROLLS_BACK };

struct pg_op;
struct pg_flight;
struct pg_cancel;
struct pg_notices;

/* What an op does at each step of its way; the variants of struct pg_op. NULL: nothing. */
struct pg_kind {
	struct sr_op_class cls;
	bool plain; /* simple protocol: alone on the connection */
	enum pg_effect effect;
	void (*queued)(struct pg_op *op);
	/* Makes its flight and hands it to libpq. False: libpq refused. */
	bool (*send)(struct sr_pg *pg, struct pg_op *op);
	/* Left the queue without having been sent. */
	void (*dropped)(struct sr_pg *pg, struct pg_op *op);
	/* Given up in flight; the flight no longer knows it. */
	void (*abandoned)(struct sr_pg *pg, struct pg_op *op, struct pg_flight *flight);
};

struct pg_queue {
	struct pg_op *head, *tail;
};

/* An op of a connection. The text and the parameters lie behind the struct. */
struct pg_op {
	struct sr_op op;
	const struct pg_kind *kind;
	struct sr_pg *pg;
	struct sr_pg_tx *tx;       /* BEGIN: the transaction that it will open */
	struct sr_pg_copy *copy;   /* COPY: what it will open */
	struct pg_queue *queue;    /* waits there, or NULL */
	struct pg_op *prev, *next; /* in the queue */
	struct pg_flight *flight;  /* in flight as, or NULL */
	PGresult *result;
	const char *sql;
	size_t length; /* of sql */
	int nparams;
	bool oversized;
	const char *params[];
};

/* Something sent whose answer has not fully arrived. */
struct pg_flight {
	struct pg_op *op;        /* who waits, or NULL */
	struct sr_pg_copy *copy; /* COPY: until it ends */
	PGresult *result;        /* the first error, else the last result */
	uint64_t statement;      /* id of the prepared statement that it uses, 0: none */
	size_t received;         /* bytes, once it took more than one read */
	enum pg_effect effect;
	unsigned char commands;  /* results that come before the sync */
	unsigned char ended;     /* of those */
	unsigned char failed_at; /* which of them gave the error */
	bool parses;             /* the first of the commands prepares the statement */
	bool plain;              /* ends without a sync */
	bool given_up;           /* its owner no longer waits */
	bool own;                /* the connection's own: nobody ever waited for it */
	bool partial;            /* a read ended in the middle of its answer */
};

struct sr_pg {
	struct sr_loop *loop;
	PGconn *pq;          /* NULL once broken or closed */
	struct sr_error why; /* code 0 while it works */
	struct pg_watch *watch;
	struct sr_job pump; /* sends what waits, at the turn's end */
	bool unflushed;     /* libpq holds bytes that the kernel did not take */
	size_t max_result;

	struct pg_queue queue;  /* outside transactions */
	struct pg_queue inside; /* of the transaction that holds the connection */

	struct pg_flight *flights; /* a ring of depth + 1 places, the last for the connection's own use */
	unsigned depth, first, nflights;
	unsigned given_up, own; /* how many of the flights are that */

	bool held;           /* a transaction has it, or had and is not rolled back yet */
	bool rollback_due;   /* held, and nobody's: to be rolled back */
	bool in_block;       /* in a transaction block when last idle, whoever began it */
	struct sr_pg_tx *tx; /* whose it is, or NULL */

	struct pg_statements statements;
	struct pg_cancel *cancel; /* a request to cancel is under way */
	struct sr_timer drain;    /* retries of that, and the end of patience */
	int64_t drain_until;      /* 0: nothing to drain */

	struct pg_notices *notices; /* made by the first */
	char fatal[256];            /* the server's last words, while nothing was in flight */
	char fatal_state[6];

	void (*changed)(void *arg); /* it went idle or broke; for the pool */
	void *changed_arg;
};

struct sr_pg_tx {
	struct sr_loop *loop;
	struct sr_pg *pg;    /* NULL once it has ended */
	struct pg_op *begin; /* its BEGIN while that waits */
	enum { PG_TX_NEW, PG_TX_BEGINNING, PG_TX_ACTIVE, PG_TX_ENDING, PG_TX_ENDED } state;
};

struct sr_pg_copy {
	struct sr_loop *loop;
	struct sr_pg *pg; /* NULL once it has ended */
	struct pg_op *op; /* its begin while that waits or runs, then whichever op of it runs */
	enum { PG_COPY_NEW, PG_COPY_STARTING, PG_COPY_OPEN, PG_COPY_FINISHING, PG_COPY_ENDED } state;
};

/* connection.c */
struct sr_pg *sr_pg_new(struct sr_loop *loop, const struct sr_pg_options *options); /* NULL: no memory */
int sr_pg_opened(struct sr_pg *pg, struct sr_error *err);                           /* libpq has connected */
bool sr_pg_flush(struct sr_pg *pg);                                                 /* false: it broke */
void sr_pg_changed(struct sr_pg *pg);

/* lost.c: the end of a connection. All that is in flight or waits fails; pg->why stays. */
void sr_pg_break(struct sr_pg *pg, int code, const char *detail, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void sr_pg_lost(struct sr_pg *pg); /* libpq reported a failure: finds out why, and breaks */

/* op.c; pg may be NULL for an op that can only fail */
struct pg_op *sr_pg_op_new(struct sr_loop *loop, struct sr_pg *pg, const struct pg_kind *kind, const char *sql,
			   int nparams, const char *const *params);
void sr_pg_op_cancel(struct sr_op *op, int code);
void sr_pg_op_free(struct sr_op *op);
void sr_pg_queue_pop(struct pg_queue *queue);
void sr_pg_op_drop(struct sr_pg *pg, struct pg_op *op); /* out of its queue; it still has to be finished */
void sr_pg_queue_fail(struct sr_pg *pg, struct pg_queue *queue, int code, const char *detail, const char *why);

/* pipeline.c */
void sr_pg_schedule(struct sr_pg *pg); /* something may be sendable: look at the turn's end */
void sr_pg_pump(void *pg);
void sr_pg_receive(struct sr_pg *pg);
struct pg_flight *sr_pg_flight_push(struct sr_pg *pg, struct pg_op *op);
struct pg_flight *sr_pg_flight_push_own(struct sr_pg *pg);
struct pg_flight *sr_pg_flight_head(struct sr_pg *pg); /* NULL: nothing in flight */
void sr_pg_flight_pop(struct sr_pg *pg);

/* land.c: the answer to the head flight is complete */
void sr_pg_land(struct sr_pg *pg);

/* query.c: one statement without parameters and without a name, ended by a sync */
bool sr_pg_send_unnamed(struct sr_pg *pg, const char *sql);

/* drain.c */
void sr_pg_give_up(struct sr_pg *pg, struct pg_flight *flight); /* nobody waits for it any more */
void sr_pg_drain(struct sr_pg *pg);                             /* looks what is due */
bool sr_pg_draining(const struct sr_pg *pg);                    /* nothing new may be sent now */
void sr_pg_drain_timer(struct sr_timer *timer, void *pg);

/* cancel.c */
int sr_pg_cancel_start(struct sr_pg *pg);
void sr_pg_cancel_forget(struct sr_pg *pg);

/* tx.c; rc and err: how the statement fared, and how the op shall */
int sr_pg_tx_landed(struct sr_pg *pg, enum pg_effect effect, const PGresult *result, int rc, struct sr_error *err);
void sr_pg_tx_end(struct sr_pg_tx *tx);
void sr_pg_tx_forget_op(struct pg_op *op); /* a BEGIN is being freed */

/* copy.c */
void sr_pg_copy_answered(struct sr_pg *pg, struct pg_flight *flight); /* the server takes data */
void sr_pg_copy_flushed(struct sr_pg *pg);                            /* the kernel took all */
int sr_pg_copy_landed(struct sr_pg *pg, struct pg_flight *flight, int rc, struct sr_error *err);
void sr_pg_copy_end(struct sr_pg_copy *copy);
void sr_pg_copy_abort(struct sr_pg *pg, struct pg_flight *flight);
void sr_pg_copy_forget_op(struct pg_op *op);

/* notice.c */
void sr_pg_notice_receive(void *pg, const PGresult *result);
void sr_pg_notices_free(struct sr_pg *pg);

/* error.c */
bool sr_pg_is_fatal(const PGresult *result); /* severity FATAL or PANIC: the server ends the connection */
int sr_pg_error_result(struct sr_error *err, int code, const char *op, const PGresult *result, const PGconn *pq);
int sr_pg_error_connect(struct sr_error *err, PGconn *pq);
int sr_pg_error_code(const char *message, int fallback);
void sr_pg_clean(char *out, size_t size, const char *message, const PGconn *pq);

#endif
