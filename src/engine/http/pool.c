/* The connections of an origin. A call waits only while the origin has as many as it may have; whoever gives
 * one back, or closes one, serves the first in the queue. */
#include "internal.h"

static void enqueue(struct sr_http_origin *origin, struct sr_http_call *call)
{
	call->queued = true;
	call->next = NULL;
	call->prev = origin->waiting_last;
	if (call->prev)
		call->prev->next = call;
	else
		origin->waiting = call;
	origin->waiting_last = call;
	origin->client->stats.waiting++;
}

void sr_http_pool_leave(struct sr_http_call *call)
{
	struct sr_http_origin *origin = call->origin;

	call->queued = false;
	if (call->prev)
		call->prev->next = call->next;
	else
		origin->waiting = call->next;
	if (call->next)
		call->next->prev = call->prev;
	else
		origin->waiting_last = call->prev;
	origin->client->stats.waiting--;
}

void sr_http_pool_unidle(struct sr_http_conn *conn)
{
	struct sr_http_origin *origin = conn->origin;

	if (conn->prev)
		conn->prev->next = conn->next;
	else
		origin->idle = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	else
		origin->idle_last = conn->prev;
	origin->client->stats.idle--;
}

void sr_http_pool_acquire(struct sr_http_call *call)
{
	struct sr_http_origin *origin = call->origin;
	struct sr_http_conn *conn;

	while ((conn = origin->idle)) {
		sr_http_pool_unidle(conn);
		if (sr_http_conn_usable(conn, call->pub.op.started)) {
			sr_http_conn_use(conn, call, call->pub.op.started);
			return;
		}
		sr_http_conn_close(conn);
	}
	if (origin->open < origin->client->options.max_connections)
		sr_http_dial(origin, call);
	else
		enqueue(origin, call);
}

void sr_http_pool_release(struct sr_http_conn *conn, int64_t now)
{
	struct sr_http_origin *origin = conn->origin;
	struct sr_http_client *client = origin->client;
	struct sr_http_call *call = origin->waiting;

	if (call) {
		sr_http_pool_leave(call);
		sr_http_conn_use(conn, call, now);
		return;
	}
	conn->state = SR_HTTP_IDLE;
	conn->idle_since = now;
	conn->prev = NULL;
	conn->next = origin->idle;
	if (conn->next)
		conn->next->prev = conn;
	else
		origin->idle_last = conn;
	origin->idle = conn;
	client->stats.idle++;
	if (!sr_timer_armed(&client->sweep))
		sr_timer_start(&client->sweep, conn->idle_since + client->options.idle_timeout);
}

void sr_http_pool_forget(struct sr_http_conn *conn)
{
	struct sr_http_origin *origin = conn->origin;
	struct sr_http_call *call;

	origin->open--;
	origin->client->stats.open--;
	while ((call = origin->waiting) && origin->open < origin->client->options.max_connections) {
		sr_http_pool_leave(call);
		sr_http_dial(origin, call);
	}
}

static void close_idle(struct sr_http_origin *origin, int64_t since)
{
	struct sr_http_conn *conn;

	while ((conn = origin->idle_last) && conn->idle_since <= since) {
		sr_http_pool_unidle(conn);
		sr_http_conn_close(conn);
	}
}

void sr_http_pool_sweep(struct sr_timer *timer, void *arg)
{
	struct sr_http_client *client = arg;
	int64_t since = timer->due - client->options.idle_timeout, oldest = SR_NEVER;

	/* An origin outlives its connections' close, which ends in a callback of libuv's. */
	for (struct sr_http_origin *origin = client->origins; origin; origin = origin->next) {
		close_idle(origin, since);
		if (origin->idle_last && origin->idle_last->idle_since < oldest)
			oldest = origin->idle_last->idle_since;
	}
	if (oldest != SR_NEVER)
		sr_timer_start(&client->sweep, oldest + client->options.idle_timeout);
}

void sr_http_pool_close(struct sr_http_client *client)
{
	for (struct sr_http_origin *origin = client->origins; origin; origin = origin->next)
		close_idle(origin, SR_NEVER);
}
