/* scalerun.core.os: what the operating system knows of users, terminals and ports. */
#include "scalerun/binding/error.h"
#include "scalerun/binding/modules.h"

#include <errno.h>
#include <lauxlib.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define NAME_SPACE 16384 /* for a user's entry in the database */

static int l_uid(lua_State *L)
{
	lua_pushinteger(L, geteuid());
	return 1;
}

static int l_pid(lua_State *L)
{
	lua_pushinteger(L, getpid());
	return 1;
}

static void set_string(lua_State *L, const char *key, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, key);
}

/* user(name or uid) → { name, uid, gid, home }, or nothing when there is none */
static int l_user(lua_State *L)
{
	char *space = lua_newuserdatauv(L, NAME_SPACE, 0);
	struct passwd entry, *found = NULL;

	if (lua_isinteger(L, 1))
		getpwuid_r((uid_t)lua_tointeger(L, 1), &entry, space, NAME_SPACE, &found);
	else
		getpwnam_r(luaL_checkstring(L, 1), &entry, space, NAME_SPACE, &found);
	if (!found)
		return 0;
	lua_createtable(L, 0, 4);
	set_string(L, "name", entry.pw_name);
	set_string(L, "home", entry.pw_dir);
	lua_pushinteger(L, entry.pw_uid);
	lua_setfield(L, -2, "uid");
	lua_pushinteger(L, entry.pw_gid);
	lua_setfield(L, -2, "gid");
	return 1;
}

/* isatty(descriptor) */
static int l_isatty(lua_State *L)
{
	lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
	return 1;
}

/* setenv(name, value or nil): for the whole process, so before project threads start */
static int l_setenv(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	const char *value = luaL_optstring(L, 2, NULL);
	int rc = value ? setenv(name, value, 1) : unsetenv(name);

	luaL_argcheck(L, rc == 0, 1, "a variable's name is not empty and holds no =");
	return 0;
}

/* free_port() → a TCP port of 127.0.0.1 that nobody listens on now. Somebody else may take it before the
 * caller does: then take another. */
static int l_free_port(lua_State *L)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	struct sr_error err;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&address, len);

	if (rc == 0)
		rc = getsockname(fd, (struct sockaddr *)&address, &len);
	if (rc < 0) {
		sr_fail_errno(&err, SR_EIO, errno, "os.free_port", "no free port on 127.0.0.1");
		if (fd >= 0)
			close(fd);
		return sr_push_failure(L, &err);
	}
	close(fd);
	lua_pushinteger(L, ntohs(address.sin_port));
	return 1;
}

static const luaL_Reg functions[] = {
    {"uid", l_uid},       {"pid", l_pid},       {"user", l_user},
    {"isatty", l_isatty}, {"setenv", l_setenv}, {"free_port", l_free_port},
    {NULL, NULL},
};

int sr_open_core_os(lua_State *L)
{
	luaL_newlib(L, functions);
	return 1;
}
