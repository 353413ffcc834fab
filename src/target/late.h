/* Fault lost_ack: transactions that are committed after their answer has gone out. */
#ifndef TARGET_LATE_H
#define TARGET_LATE_H

#include "db.h"

#include <stdatomic.h>

/* Takes the connection with its open transaction: commits it a while later on a thread of its own and puts it
 * back. *pending counts those under way; pool and pending must outlive them. */
void sr_late_commit(struct sr_pool *pool, struct sr_db_conn *conn, atomic_int *pending);

#endif
