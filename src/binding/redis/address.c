/* Where connect connects to. */
#include "private.h"

#include <string.h>

const char *sr_lredis_string_field(lua_State *L, const char *name, size_t max)
{
	const char *text = NULL;
	size_t len = 0;

	if (lua_getfield(L, 1, name) != LUA_TNIL)
		text = luaL_checklstring(L, -1, &len);
	if (len >= max || (text && strlen(text) != len))
		luaL_error(L, "redis.connect: %s is longer than %d bytes, or holds a zero byte", name, (int)max - 1);
	lua_pop(L, 1); /* the table keeps it */
	return text;
}

static void copy_field(lua_State *L, const char *name, char *to, size_t max)
{
	const char *text = sr_lredis_string_field(L, name, max);

	if (text)
		memcpy(to, text, strlen(text) + 1);
}

int sr_lredis_read_address(lua_State *L, struct sr_redis_address *address, struct sr_error *err)
{
	const char *url = sr_lredis_string_field(L, "url", 2048);
	int rc = 0;

	memset(address, 0, sizeof(*address));
	address->port = 6379;
	if (url)
		rc = sr_redis_url_parse(url, address, err);
	copy_field(L, "unix", address->path, sizeof(address->path));
	copy_field(L, "host", address->host, sizeof(address->host));
	copy_field(L, "user", address->user, sizeof(address->user));
	copy_field(L, "password", address->password, sizeof(address->password));
	if (lua_getfield(L, 1, "port") != LUA_TNIL)
		address->port = (int)luaL_checkinteger(L, -1);
	if (lua_getfield(L, 1, "database") != LUA_TNIL)
		address->database = (int)luaL_checkinteger(L, -1);
	lua_pop(L, 2);
	if (rc < 0)
		return rc;
	if ((address->host[0] && (address->port < 1 || address->port > 65535)) || address->database < 0)
		return sr_fail(err, SR_EINVAL, "redis.connect",
			       "a port lies between 1 and 65535, a database is not negative");
	if (!address->host[0] && !address->path[0])
		return sr_fail(err, SR_EINVAL, "redis.connect", "neither a URL nor a host nor a unix socket is named");
	return 0;
}
