/* What the files of scalerun.core.pg share. */
#ifndef SR_BINDING_PG_PRIVATE_H
#define SR_BINDING_PG_PRIVATE_H

#include "scalerun/base/buf.h"
#include "scalerun/engine/pg.h"
#include "scalerun/engine/pg_pool.h"

#include <lauxlib.h>
#include <lua.h>

#define CONNECTION_META  "scalerun.pg.connection"
#define TRANSACTION_META "scalerun.pg.transaction"
#define COPY_META        "scalerun.pg.copy"

/* A connection, alone or lent by a pool. */
struct connection {
	struct sr_pg *pg;        /* NULL once given back */
	struct sr_pg_pool *pool; /* whose it is, kept by user value 1; or NULL */
};

struct transaction {
	struct sr_pg_tx *tx; /* user value 1 keeps the connection */
};

/* What a method of a connection or a transaction works on. */
struct session {
	struct sr_pg *pg;
	struct sr_pg_tx *tx; /* or NULL */
};

/* The session of the userdata at idx; raises when it is neither, or was given back. what: "pg.query" */
struct session sr_lpg_check_session(lua_State *L, int idx, const char *what);

/* Pushes a connection without an engine's; it owns what is put into it. */
struct connection *sr_lpg_push_connection(lua_State *L);

/* ---- module.c ---- */

#define KEYWORDS_MAX 64

struct sr_lpg_keywords {
	const char *names[KEYWORDS_MAX + 1], *values[KEYWORDS_MAX + 1];
};

/* The engine's options from the table at 1: { dsn =, parameters =, max_result =, statements =, depth = }. What they
 * point to lives as long as that table and keywords. */
void sr_lpg_read_options(lua_State *L, struct sr_pg_options *options, struct sr_lpg_keywords *keywords);

/* A field of that table, from 0 to max. */
lua_Integer sr_lpg_integer_field(lua_State *L, const char *name, lua_Integer fallback, lua_Integer max);

/* ---- params.c ---- */

/* Replaces the value at idx by what the server is sent: a string, or nil for NULL. Raises for what has no such
 * form; position names it. */
void sr_lpg_param_to_text(lua_State *L, int idx, const char *what, int position);

/* An op for the statement with the parameters at first … top, all converted. NULL: no memory. */
struct sr_op *sr_lpg_query_of_stack(lua_State *L, struct sr_pg *pg, const char *sql, int first);

/* ---- result.c ---- */

/* Pushes the result table of a statement. */
void sr_lpg_push_result(lua_State *L, const PGresult *result);

/* ---- methods ---- */

/* nil and the error; returns 2. */
int sr_lpg_out_of_memory(lua_State *L, const char *what);

/* Counts the op in the state's series of that name. */
void sr_lpg_record(lua_State *L, const char *series, const struct sr_op *op);

extern const luaL_Reg sr_lpg_session_methods[]; /* of connections and transactions: query.c */

int sr_lpg_begin(lua_State *L); /* transaction.c */
int sr_lpg_copy(lua_State *L);  /* copy.c */
int sr_lpg_pool(lua_State *L);  /* pool.c */
void sr_lpg_open_pool_meta(lua_State *L);
void sr_lpg_open_transaction_meta(lua_State *L);
void sr_lpg_open_copy_meta(lua_State *L);

#endif
