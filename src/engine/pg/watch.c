#include "watch.h"

#include <stdlib.h>
#include <uv.h>

struct pg_watch {
	uv_poll_t poll;
	sr_pg_watch_fn *fn;
	void *arg;
	int fd, events;
};

static int start(struct pg_watch *watch);

/* At an error libuv stops watching, but bytes that came before it may still wait, and libpq takes some at a time
 * before it meets the error itself. */
static void ready(uv_poll_t *poll, int status, int events)
{
	struct pg_watch *watch = poll->data;
	int seen = 0;

	if (status < 0) {
		start(watch);
		seen = PG_READABLE;
	}
	if (events & UV_READABLE)
		seen |= PG_READABLE;
	if (events & UV_WRITABLE)
		seen |= PG_WRITABLE;
	watch->fn(watch->arg, seen);
}

static int start(struct pg_watch *watch)
{
	int events = (watch->events & PG_READABLE ? UV_READABLE : 0) | (watch->events & PG_WRITABLE ? UV_WRITABLE : 0);

	return uv_poll_start(&watch->poll, events, ready) < 0 ? -SR_EIO : 0;
}

static void closed(uv_handle_t *handle)
{
	free(handle->data);
}

int sr_pg_watch_set(struct pg_watch **watch, struct sr_loop *loop, int fd, int events, sr_pg_watch_fn *fn, void *arg)
{
	struct pg_watch *at = *watch;

	if (at && at->fd != fd) {
		sr_pg_watch_close(watch);
		at = NULL;
	}
	if (!at) {
		at = calloc(1, sizeof *at);
		if (!at)
			return -SR_ENOMEM;
		if (uv_poll_init(sr_loop_uv(loop), &at->poll, fd) < 0) {
			free(at);
			return -SR_EIO;
		}
		at->poll.data = at;
		at->fd = fd;
		*watch = at;
	}
	at->fn = fn;
	at->arg = arg;
	if (at->events == events)
		return 0;
	at->events = events;
	return start(at);
}

void sr_pg_watch_pause(struct pg_watch *watch)
{
	if (!watch || !watch->events)
		return;
	uv_poll_stop(&watch->poll);
	watch->events = 0;
}

void sr_pg_watch_close(struct pg_watch **watch)
{
	if (!*watch)
		return;
	uv_poll_stop(&(*watch)->poll);
	uv_close((uv_handle_t *)&(*watch)->poll, closed);
	*watch = NULL;
}
