/* Replies as Lua values. */
#include "private.h"

#include "scalerun/binding/error.h"

void sr_lredis_push_reply(lua_State *L, const struct sr_redis_value *value, bool inside)
{
	struct sr_error err;

	switch (value->type) {
	case SR_REDIS_STRING:
	case SR_REDIS_STATUS:
		lua_pushlstring(L, value->bytes, value->len);
		return;
	case SR_REDIS_INTEGER:
		lua_pushinteger(L, value->integer);
		return;
	case SR_REDIS_ERROR:
		sr_redis_value_fail(value, "redis.call", &err);
		sr_push_error(L, &err);
		return;
	case SR_REDIS_NIL:
		/* nil would end the list early. */
		if (inside)
			lua_pushlightuserdata(L, NULL);
		else
			lua_pushnil(L);
		return;
	case SR_REDIS_ARRAY:
		luaL_checkstack(L, 3, "a reply is nested too deeply");
		lua_createtable(L, (int)value->len, 0);
		for (size_t i = 0; i < value->len; i++) {
			sr_lredis_push_reply(L, value->items[i], true);
			lua_rawseti(L, -2, (lua_Integer)i + 1);
		}
		return;
	}
}
