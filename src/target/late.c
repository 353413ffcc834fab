#include "late.h"

#include "db_conn.h"
#include "pause.h"

#include "scalerun/base/clock.h"

#include <pthread.h>
#include <stdlib.h>

#define SR_LATE_PAUSE (400 * SR_MS)

struct late {
	struct sr_pool *pool;
	struct sr_db_conn *conn;
	atomic_int *pending;
};

static void commit(const struct late *late)
{
	sr_pause(SR_LATE_PAUSE);
	sr_db_commit(late->conn, NULL);
	sr_db_rollback(late->conn);
	sr_pool_put(late->pool, late->conn, late->conn->lost);
	atomic_fetch_sub(late->pending, 1);
}

static void *run(void *arg)
{
	commit(arg);
	free(arg);
	return NULL;
}

void sr_late_commit(struct sr_pool *pool, struct sr_db_conn *conn, atomic_int *pending)
{
	struct late late = {.pool = pool, .conn = conn, .pending = pending};
	struct late *own = malloc(sizeof(*own));
	pthread_t thread;

	atomic_fetch_add(pending, 1);
	if (own)
		*own = late;
	if (own && pthread_create(&thread, NULL, run, own) == 0) {
		pthread_detach(thread);
	} else {
		free(own);
		commit(&late);
	}
}
