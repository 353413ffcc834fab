/* The database schema. */
#ifndef TARGET_SCHEMA_H
#define TARGET_SCHEMA_H

#include "scalerun/base/error.h"

struct sr_db_conn;
struct sr_keys;

extern const char sr_schema_sql[]; /* schema.sql, embedded */

/* Creates what is missing and adds the keys' projects. Several replicas may do it at once. */
int sr_schema_init(struct sr_db_conn *conn, const struct sr_keys *keys, struct sr_error *err);

/* Checks that the tables and the keys' projects are there; the error says how to get them. */
int sr_schema_check(struct sr_db_conn *conn, const struct sr_keys *keys, struct sr_error *err);

#endif
