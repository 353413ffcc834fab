/* scalerun.core.terminal: what the standard streams are connected to. */
#include "scalerun/host/modules.h"

#include <lauxlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const int descriptors[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
static const char *const streams[] = {"stdin", "stdout", "stderr", NULL};

static int check_stream(lua_State *L)
{
	return descriptors[luaL_checkoption(L, 1, NULL, streams)];
}

/* is_terminal("stdin", "stdout" or "stderr") */
static int l_is_terminal(lua_State *L)
{
	lua_pushboolean(L, isatty(check_stream(L)));
	return 1;
}

/* width(stream) → columns, nil where there is no terminal */
static int l_width(lua_State *L)
{
	struct winsize size;

	if (ioctl(check_stream(L), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 0;
	lua_pushinteger(L, size.ws_col);
	return 1;
}

/* height(stream) → lines, nil where there is no terminal */
static int l_height(lua_State *L)
{
	struct winsize size;

	if (ioctl(check_stream(L), TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
		return 0;
	lua_pushinteger(L, size.ws_row);
	return 1;
}

int sr_open_core_terminal(lua_State *L)
{
	static const luaL_Reg functions[] = {
	    {"is_terminal", l_is_terminal}, {"width", l_width}, {"height", l_height}, {NULL, NULL}};

	luaL_newlib(L, functions);
	return 1;
}
