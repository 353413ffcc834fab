/* A copy of struct sr_pg_options that owns what it points to, and forgets it for good. */
#ifndef SR_PG_OPTIONS_H
#define SR_PG_OPTIONS_H

#include "scalerun/engine/pg.h"

struct pg_options {
	struct sr_pg_options all; /* points into the rest */
	char *dsn;
	char **keywords, **values; /* NULL-terminated */
};

bool sr_pg_options_copy(struct pg_options *to, const struct sr_pg_options *from); /* false: no memory */
void sr_pg_options_deinit(struct pg_options *options);                            /* twice does no harm */

#endif
