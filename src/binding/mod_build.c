/* scalerun.core.build: what this program is. */
#include "scalerun/binding/embedded.h"
#include "scalerun/binding/modules.h"

#include <curl/curl.h>
#include <hiredis/hiredis.h>
#include <jansson.h>
#include <lauxlib.h>
#include <libpq-fe.h>
#include <limits.h>
#include <llhttp.h>
#include <unistd.h>
#include <uv.h>
#include <zlib.h>

static void set_text(lua_State *L, const char *key, const char *value)
{
	lua_pushstring(L, value);
	lua_setfield(L, -2, key);
}

/* source(module) → the text of a module of the library, or nil */
static int l_source(lua_State *L)
{
	const struct sr_embedded_module *module = sr_embedded_find(luaL_checkstring(L, 1));

	if (!module)
		return 0;
	lua_pushlstring(L, module->source, module->len);
	return 1;
}

static void add_name(void *arg, const struct sr_embedded_module *module)
{
	lua_State *L = arg;

	lua_pushstring(L, module->name);
	lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
}

/* modules() → the names of the library's modules, sorted */
static int l_modules(lua_State *L)
{
	lua_newtable(L);
	sr_embedded_visit(add_name, L);
	return 1;
}

#define TEXT(x)         #x
#define DOTTED(a, b, c) TEXT(a) "." TEXT(b) "." TEXT(c)

/* What was loaded, where a library tells; else what the program was built with. */
static void push_libraries(lua_State *L)
{
	const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
	int pq = PQlibVersion();

	lua_newtable(L);
	set_text(L, "libcurl", curl->version);
	if (curl->ssl_version)
		set_text(L, "tls", curl->ssl_version);
	lua_pushfstring(L, "%d.%d", pq / 10000, pq % 10000);
	lua_setfield(L, -2, "libpq");
	set_text(L, "hiredis", DOTTED(HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH));
	set_text(L, "jansson", jansson_version_str());
	set_text(L, "llhttp", DOTTED(LLHTTP_VERSION_MAJOR, LLHTTP_VERSION_MINOR, LLHTTP_VERSION_PATCH));
	set_text(L, "zlib", zlibVersion());
}

int sr_open_core_build(lua_State *L)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path));

	lua_createtable(L, 0, 8);
	lua_pushcfunction(L, l_source);
	lua_setfield(L, -2, "source");
	lua_pushcfunction(L, l_modules);
	lua_setfield(L, -2, "modules");
	set_text(L, "version", SCALERUN_VERSION);
	set_text(L, "lua", LUA_VERSION_MAJOR "." LUA_VERSION_MINOR "." LUA_VERSION_RELEASE);
	set_text(L, "libuv", uv_version_string());
	push_libraries(L);
	lua_setfield(L, -2, "libraries");
	if (len > 0) {
		lua_pushlstring(L, path, (size_t)len);
		lua_setfield(L, -2, "executable");
	}
	return 1;
}
