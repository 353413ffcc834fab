/* SIGINT, SIGTERM and SIGHUP of the whole process.
 *
 * A thread of its own waits for them, so that they count even while a script computes without end. The
 * first is handed to the conductor's loop; a second ends the process at once (children and temporary
 * folders are then the keeper's). All other threads have them blocked. */
#ifndef SCALERUN_HOST_SIGNALS_H
#define SCALERUN_HOST_SIGNALS_H

#include "scalerun/base/error.h"
#include "scalerun/loop/loop.h"

/* Before any other thread is made. handler runs on the loop's thread, in its completion step. */
int sr_signals_start(struct sr_loop *loop, void (*handler)(int number), struct sr_error *err);

/* Ends the thread; before the loop is freed. */
void sr_signals_stop(void);

/* The first signal that came, or 0. */
int sr_signals_received(void);

/* What came was dealt with: the next signal is a first one again. Once the handler has run. */
void sr_signals_forget(void);

#endif
