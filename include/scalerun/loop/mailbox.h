/* Messages to a loop's thread from any thread, in order per sender. */
#ifndef SCALERUN_LOOP_MAILBOX_H
#define SCALERUN_LOOP_MAILBOX_H

#include "scalerun/loop/loop.h"

/* Runs job->fn(job->arg) on the loop's thread, in its completion step. The sender must not touch the
 * job until it has run. 0, or -SR_ESTATE when the loop's mailbox is closed: then the job will not run
 * and stays the sender's. Any thread. */
int sr_mailbox_post(struct sr_loop *loop, struct sr_job *job);

/* No more mail; what was accepted still runs in the following turn. The loop's thread. sr_loop_free
 * does this, so senders must know that the loop lives: the sender's thread joins the loop's. */
void sr_mailbox_close(struct sr_loop *loop);

#endif
