/* A private PostgreSQL for a test program: a temporary folder, a unix socket, nothing durable. */
#ifndef SPEC_SUPPORT_POSTGRES_H
#define SPEC_SUPPORT_POSTGRES_H

#include "scalerun/engine/pg.h"

/* cmocka group setup and teardown. The server ends with the test program, whatever ends that. */
int postgres_start(void **state);
int postgres_stop(void **state);

/* A DSN for the superuser "postgres" with extra parameters ("" for none). Static memory. The role "keyed" has to
 * give its password, "s3cret-word". */
const char *postgres_dsn(const char *extra);

/* ---- running ops to their end ---- */

/* Runs the loop until op is done and returns its status. The test fails after 60 s. */
int finish(struct sr_op *op);
int run_query(struct sr_pg *pg, struct sr_op **op, const char *sql, const char *param); /* param may be NULL: none */

struct sr_pg *open_pg(struct sr_loop *loop,
		      const struct sr_pg_options *options); /* NULL options: the server, defaults */

/* The text of row 0, column 0 of a query that must succeed. Static memory. */
const char *value_of(struct sr_pg *pg, const char *sql);

#endif
