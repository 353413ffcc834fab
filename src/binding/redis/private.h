/* What the files of scalerun.core.redis share. */
#ifndef SR_BINDING_REDIS_PRIVATE_H
#define SR_BINDING_REDIS_PRIVATE_H

#include "scalerun/engine/redis.h"

#include <lauxlib.h>
#include <lua.h>

#define CONNECTION_META "scalerun.redis"
#define SERIES_MAX      100 /* bytes of a series' name */

struct connection {
	struct sr_redis *redis; /* NULL: closed */
	struct connections *connections;
	struct connection *next, **prev;
	int64_t timeout; /* of a command */
	char series[SERIES_MAX];
};

/* The open connection at 1; raises where it is closed. */
struct connection *sr_lredis_check_connection(lua_State *L);

/* ---- address.c ---- */

/* The field of connect's table at 1, or NULL; raises where it has max bytes or more. The table keeps it. */
const char *sr_lredis_string_field(lua_State *L, const char *name, size_t max);

/* The address in the fields of the table at 1: url, or unix, or host and port; the other fields add to it. */
int sr_lredis_read_address(lua_State *L, struct sr_redis_address *address, struct sr_error *err);

/* ---- command.c ---- */

int sr_lredis_call(lua_State *L);
int sr_lredis_pipeline(lua_State *L);

/* ---- reply.c ---- */

/* Pushes a reply. One inside of a list is never nil, which would end the list early. */
void sr_lredis_push_reply(lua_State *L, const struct sr_redis_value *value, bool inside);

#endif
