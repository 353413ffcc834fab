/* What db.c and db_conn.c share. */
#ifndef TARGET_DB_CONN_H
#define TARGET_DB_CONN_H

#include "db.h"

#define SR_DB_PREPARED 32
#define SR_DB_CONTEXT  101 /* a project id */

struct sr_db_conn {
	PGconn *pg;
	bool lost;  /* to be closed, not given back */
	bool final; /* this work is not to run again: it may have committed, or the server hangs */
	bool late;  /* to be committed after the answer: fault lost_ack */
	char context[SR_DB_CONTEXT];
	int prepared_count;
	const struct sr_statement *prepared[SR_DB_PREPARED];
};

#endif
