/* A thread that deletes expired reservations from time to time. */
#ifndef TARGET_SWEEPER_H
#define TARGET_SWEEPER_H

#include "app.h"

struct sr_sweeper;

/* Runs every `interval` ns until _free. NULL: no memory or no thread. */
struct sr_sweeper *sr_sweeper_new(struct sr_app *app, int64_t interval);
void sr_sweeper_free(struct sr_sweeper *sweeper);

#endif
