#include "db.h"

#include "db_conn.h"
#include "fault.h"
#include "late.h"
#include "pause.h"

#include "scalerun/base/clock.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SR_DB_CONNECT_TIMEOUT       (5 * SR_S)
#define SR_DB_SERIALIZATION_RETRIES 10

static const int64_t reconnect_pauses[] = {100 * SR_MS, 200 * SR_MS, 400 * SR_MS};
#define SR_DB_RECONNECTS (int)(sizeof(reconnect_pauses) / sizeof(reconnect_pauses[0]))

struct sr_db {
	struct sr_db_options options;
	struct sr_pool *pool;
	atomic_llong reconnects;
	atomic_llong serialization_retries;
	atomic_int late; /* commits of lost_ack under way */
};

static int pool_open(void *arg, void **conn, struct sr_error *err)
{
	struct sr_db *db = arg;
	struct sr_db_conn *opened = NULL;
	int rc =
	    sr_db_connect(db->options.dsn, db->options.application, sr_now() + SR_DB_CONNECT_TIMEOUT, &opened, err);

	*conn = opened;
	return rc;
}

static void pool_close(void *conn)
{
	sr_db_close(conn);
}

static bool pool_alive(void *conn)
{
	/* An idle session says nothing but its goodbye, which comes before the end of the stream. */
	return sr_pool_socket_quiet(PQsocket(((struct sr_db_conn *)conn)->pg));
}

static const struct sr_pool_ops pool_ops = {.open = pool_open, .close = pool_close, .alive = pool_alive};

struct sr_db *sr_db_new(const struct sr_db_options *options)
{
	struct sr_db *db = calloc(1, sizeof(*db));

	if (!db)
		return NULL;
	db->options = *options;
	db->pool = sr_pool_new(&pool_ops, db, &options->pool);
	if (!db->pool) {
		free(db);
		return NULL;
	}
	return db;
}

void sr_db_free(struct sr_db *db)
{
	if (!db)
		return;
	while (atomic_load(&db->late) > 0)
		sr_pause(SR_MS);
	sr_pool_free(db->pool);
	free(db);
}

void sr_db_stats(struct sr_db *db, struct sr_db_stats *stats)
{
	sr_pool_stats(db->pool, &stats->pool);
	stats->reconnects = atomic_load(&db->reconnects);
	stats->serialization_retries = atomic_load(&db->serialization_retries);
}

static bool is_serialization_failure(int rc, const struct sr_error *err)
{
	return rc == -SR_ESERVER && (strcmp(err->detail, "40001") == 0 || strcmp(err->detail, "40P01") == 0);
}

static bool is_lost(int rc)
{
	return rc == -SR_ECONNECT || rc == -SR_ECLOSED;
}

/* Runs work once. *again: nothing can have been committed. */
static int run_once(struct sr_db *db, sr_db_work *work, void *arg, bool *again, struct sr_error *err)
{
	void *lent;
	struct sr_db_conn *conn;
	int rc = sr_pool_get(db->pool, &lent, err);

	*again = true;
	if (rc)
		return rc;
	conn = lent;
	conn->final = false;
	conn->late = false;
	rc = work(conn, arg, err);
	*again = !conn->final;
	if (!rc && conn->late) {
		sr_late_commit(db->pool, conn, &db->late);
		return 0;
	}
	sr_db_rollback(conn);
	sr_pool_put(db->pool, conn, conn->lost);
	return rc;
}

int sr_db_run(struct sr_db *db, sr_db_work *work, void *arg, struct sr_error *err)
{
	struct sr_error local;
	int retries = sr_fault_on(SR_FAULT_ALLOCATION_CONFLICT) ? 0 : SR_DB_SERIALIZATION_RETRIES;
	int reconnects = 0;
	int conflicts = 0;

	if (!err)
		err = &local;
	for (;;) {
		bool again;
		int rc = run_once(db, work, arg, &again, err);

		if (is_serialization_failure(rc, err) && conflicts < retries) {
			conflicts++;
			atomic_fetch_add(&db->serialization_retries, 1);
		} else if (is_lost(rc) && again && reconnects < SR_DB_RECONNECTS) {
			atomic_fetch_add(&db->reconnects, 1);
			sr_pause(reconnect_pauses[reconnects++]);
		} else {
			return rc;
		}
	}
}
