/* Readiness of a descriptor that libpq owns and may replace while it connects. Heap memory, because
 * libuv needs the handle until its close callback. */
#ifndef SR_PG_WATCH_H
#define SR_PG_WATCH_H

#include "scalerun/base/error.h"
#include "scalerun/loop/loop.h"

struct pg_watch;

#define PG_READABLE 1
#define PG_WRITABLE 2

typedef void sr_pg_watch_fn(void *arg, int events);

/* Watches fd for events, in place of what *watch watched; *watch may be NULL. The descriptor that it
 * watched before must still be open or have been forgotten by pg_watch_pause. */
int sr_pg_watch_set(struct pg_watch **watch, struct sr_loop *loop, int fd, int events, sr_pg_watch_fn *fn, void *arg);

/* Before libpq may close the descriptor: epoll must not keep it. */
void sr_pg_watch_pause(struct pg_watch *watch);

/* Before the descriptor is closed. *watch becomes NULL; NULL is allowed. */
void sr_pg_watch_close(struct pg_watch **watch);

#endif
