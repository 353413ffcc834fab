/* A thread that deletes expired reservations from time to time. */
#ifndef TARGET_SWEEPER_H
#define TARGET_SWEEPER_H

#include "app.h"

struct sr_sweeper;

/* Runs every `interval` ns until _stop. NULL: no memory or no thread. */
struct sr_sweeper *sr_sweeper_new(struct sr_app *app, int64_t interval);
/* Ends the thread and frees. False when a sweep under way does not end within `wait` ns: then the thread
 * still runs, and the process should end. */
bool sr_sweeper_stop(struct sr_sweeper *sweeper, int64_t wait);

#endif
