#include "pool.h"

#include "cond.h"
#include "fault.h"

#include "scalerun/base/clock.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#define SR_POOL_EARLY (2 * SR_MS) /* pool_timeout */

struct waiter {
	struct waiter *next;
	pthread_cond_t wake;
	bool granted; /* a connection, or with conn NULL the right to open one */
	void *conn;
};

struct sr_pool {
	const struct sr_pool_ops *ops;
	void *arg;
	struct sr_pool_options options;
	pthread_mutex_t lock;
	struct waiter *first, *last;
	int idle;
	int active;
	int waiting;
	int max_used;
	int64_t timeouts;
	int64_t opened;
	int leaked;   /* by pool_leak; they stay active */
	void **leaks; /* these; only the end of the pool closes them */
	void *kept[]; /* the idle ones; last in, first out, so that few connections carry a light load */
};

struct sr_pool *sr_pool_new(const struct sr_pool_ops *ops, void *arg, const struct sr_pool_options *options)
{
	size_t limit = (size_t)(options->size + options->overflow);
	struct sr_pool *pool = calloc(1, sizeof(*pool) + 2 * limit * sizeof(void *));

	if (!pool)
		return NULL;
	pool->leaks = pool->kept + limit;
	pool->ops = ops;
	pool->arg = arg;
	pool->options = *options;
	pthread_mutex_init(&pool->lock, NULL);
	return pool;
}

void sr_pool_free(struct sr_pool *pool)
{
	if (!pool)
		return;
	for (int i = 0; i < pool->idle; i++)
		pool->ops->close(pool->kept[i]);
	for (int i = 0; i < pool->leaked; i++)
		pool->ops->close(pool->leaks[i]);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}

static bool has_fault(const struct sr_pool *pool, enum sr_fault fault)
{
	return pool->options.faults && sr_fault_on(fault);
}

static int limit_of(const struct sr_pool *pool)
{
	return pool->options.size + pool->options.overflow;
}

static void leave_queue(struct sr_pool *pool, struct waiter *waiter)
{
	struct waiter *before = NULL;

	for (struct waiter *w = pool->first; w != waiter; w = w->next)
		before = w;
	if (before)
		before->next = waiter->next;
	else
		pool->first = waiter->next;
	if (pool->last == waiter)
		pool->last = before;
	pool->waiting--;
}

/* Waits in line. True: granted, *conn is a connection or NULL for the right to open one. Lock held. */
static bool wait_in_line(struct sr_pool *pool, void **conn)
{
	int64_t timeout = has_fault(pool, SR_FAULT_POOL_TIMEOUT) ? SR_POOL_EARLY : pool->options.timeout;
	int64_t deadline = sr_now() + timeout;
	struct waiter self = {0};
	bool granted;

	sr_cond_init(&self.wake);
	if (pool->last)
		pool->last->next = &self;
	else
		pool->first = &self;
	pool->last = &self;
	pool->waiting++;
	while (!self.granted && sr_now() < deadline)
		sr_cond_wait_until(&self.wake, &pool->lock, deadline);
	granted = self.granted;
	if (!granted) {
		leave_queue(pool, &self);
		pool->timeouts++;
	}
	*conn = self.conn;
	pthread_cond_destroy(&self.wake);
	return granted;
}

/* Hands a connection (or, with NULL, the right to open one) to who waits longest. Lock held. */
static bool grant_first(struct sr_pool *pool, void *conn)
{
	struct waiter *waiter = pool->first;

	if (!waiter)
		return false;
	leave_queue(pool, waiter);
	waiter->conn = conn;
	waiter->granted = true;
	pthread_cond_signal(&waiter->wake);
	return true;
}

/* One slot of the active ones falls free with no connection in it. */
static void release_slot(struct sr_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	if (!grant_first(pool, NULL))
		pool->active--;
	pthread_mutex_unlock(&pool->lock);
}

int sr_pool_get(struct sr_pool *pool, void **conn, struct sr_error *err)
{
	bool granted = true;
	int rc;

	*conn = NULL;
	pthread_mutex_lock(&pool->lock);
	if (pool->idle > 0 || pool->idle + pool->active < limit_of(pool) || has_fault(pool, SR_FAULT_POOL_UNBOUNDED)) {
		if (pool->idle > 0)
			*conn = pool->kept[--pool->idle];
		pool->active++;
		if (pool->active > pool->max_used)
			pool->max_used = pool->active;
	} else {
		granted = wait_in_line(pool, conn);
	}
	pthread_mutex_unlock(&pool->lock);
	if (!granted)
		return sr_fail(err, SR_ETIMEOUT, "pool.get", "all %d connections stayed busy for %.3g s",
			       limit_of(pool), (double)pool->options.timeout / (double)SR_S);
	if (*conn && pool->ops->alive(*conn))
		return 0;
	if (*conn)
		pool->ops->close(*conn);
	*conn = NULL;
	rc = pool->ops->open(pool->arg, conn, err);
	if (rc) {
		release_slot(pool);
		return rc;
	}
	pthread_mutex_lock(&pool->lock);
	pool->opened++;
	pthread_mutex_unlock(&pool->lock);
	return 0;
}

/* fault pool_leak: keeps every 20th from ever coming back, but leaves half of the pool. Lock held. */
static bool leak(struct sr_pool *pool, void *conn)
{
	if (!has_fault(pool, SR_FAULT_POOL_LEAK) || pool->leaked >= limit_of(pool) / 2 ||
	    !sr_fault_due(SR_FAULT_POOL_LEAK))
		return false;
	pool->leaks[pool->leaked++] = conn;
	return true;
}

void sr_pool_put(struct sr_pool *pool, void *conn, bool broken)
{
	int most = has_fault(pool, SR_FAULT_POOL_HOARD) ? limit_of(pool) : pool->options.size;
	bool close = broken;

	if (broken) {
		release_slot(pool);
	} else {
		pthread_mutex_lock(&pool->lock);
		if (!leak(pool, conn) && !grant_first(pool, conn)) {
			pool->active--;
			close = pool->idle + pool->active >= most;
			if (!close)
				pool->kept[pool->idle++] = conn;
		}
		pthread_mutex_unlock(&pool->lock);
	}
	if (close)
		pool->ops->close(conn);
}

bool sr_pool_socket_quiet(int fd)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};

	return poll(&pfd, 1, 0) == 0;
}

void sr_pool_stats(struct sr_pool *pool, struct sr_pool_stats *stats)
{
	pthread_mutex_lock(&pool->lock);
	*stats = (struct sr_pool_stats){
	    .idle = pool->idle,
	    .active = pool->active,
	    .waiting = pool->waiting,
	    .max_used = pool->max_used,
	    .timeouts = pool->timeouts,
	    .opened = pool->opened,
	};
	pthread_mutex_unlock(&pool->lock);
}
