#include "private.h"
#include "scalerun/base/clock.h"
#include "scalerun/binding/json.h"

#include <lauxlib.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reader {
	lua_State *L;
	const char *where;
	const char *option;
	struct sr_http_ask *ask;
	size_t inherited; /* the first headers of ask are a client's */
	int slots;
	bool json;
};

void sr_http_raise(lua_State *L, const char *where, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	luaL_where(L, 2);
	lua_pushfstring(L, "%s: %s", where, text);
	lua_concat(L, 2);
	lua_error(L);
	abort(); /* lua_error does not return */
}

void sr_http_push_library(lua_State *L, const char *module, const char *function)
{
	lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	if (lua_getfield(L, -1, module) != LUA_TTABLE || lua_getfield(L, -1, function) != LUA_TFUNCTION)
		luaL_error(L, "%s is not loaded: require \"scalerun.http\" first", module);
	lua_replace(L, -3);
	lua_pop(L, 1);
}

__attribute__((noreturn)) static void refuse(struct reader *reader, const char *wanted)
{
	sr_http_raise(reader->L, reader->where, "option '%s' must be %s, not %s", reader->option, wanted,
		      luaL_typename(reader->L, -1));
}

static const char *text(struct reader *reader, size_t *len)
{
	const char *value;

	if (lua_type(reader->L, -1) != LUA_TSTRING)
		refuse(reader, "a string");
	value = lua_tolstring(reader->L, -1, len);
	return value;
}

/* For the C strings of the engine. */
static const char *word(struct reader *reader)
{
	size_t len;
	const char *value = text(reader, &len);

	if (len == 0 || strlen(value) != len)
		refuse(reader, "a string that is not empty and has no zero byte");
	return value;
}

static bool boolean(struct reader *reader)
{
	if (!lua_isboolean(reader->L, -1))
		refuse(reader, "true or false");
	return lua_toboolean(reader->L, -1);
}

static lua_Integer integer(struct reader *reader, lua_Integer least, lua_Integer most)
{
	int exact;
	lua_Integer value = lua_tointegerx(reader->L, -1, &exact);
	char wanted[64];

	if (!exact || lua_type(reader->L, -1) != LUA_TNUMBER || value < least || value > most) {
		snprintf(wanted, sizeof(wanted), "an integer from %lld to %lld", (long long)least, (long long)most);
		refuse(reader, wanted);
	}
	return value;
}

static int64_t duration(struct reader *reader)
{
	lua_State *L = reader->L;
	int64_t ns = 0;

	if (lua_type(L, -1) == LUA_TNUMBER) {
		lua_Number seconds = lua_tonumber(L, -1);

		ns = seconds >= (lua_Number)(SR_NEVER / SR_S) ? SR_NEVER
		     : seconds > 0                            ? (int64_t)ceil(seconds * (lua_Number)SR_S)
							      : 0;
	} else if (lua_type(L, -1) == LUA_TSTRING) {
		sr_duration_parse(lua_tostring(L, -1), &ns);
	}
	if (ns <= 0)
		refuse(reader, "a duration above 0: seconds as a number, or a string such as \"200ms\"");
	return ns;
}

static void drop_header(struct reader *reader, const char *name, size_t len)
{
	struct sr_http_ask *ask = reader->ask;

	for (size_t i = 0; i < reader->inherited;) {
		struct sr_http_header *header = &ask->headers[i];

		if (header->name_len != len || strncasecmp(header->name, name, len) != 0) {
			i++;
			continue;
		}
		reader->inherited--;
		ask->header_count--;
		memmove(header, header + 1, (ask->header_count - i) * sizeof(*header));
	}
}

/* The value on top of the stack; numbers leave their text there. */
static void add_header(struct reader *reader, const char *name, size_t name_len)
{
	struct sr_http_ask *ask = reader->ask;
	struct sr_http_header *header;
	lua_State *L = reader->L;

	if (ask->header_count == SR_HTTP_HEADERS_MAX)
		sr_http_raise(L, reader->where, "more than %d headers", SR_HTTP_HEADERS_MAX);
	if (lua_type(L, -1) != LUA_TSTRING && lua_type(L, -1) != LUA_TNUMBER)
		sr_http_raise(L, reader->where, "header '%s' must be a string, a number or a list of these, not %s",
			      name, luaL_typename(L, -1));
	header = &ask->headers[ask->header_count++];
	header->name = name;
	header->name_len = name_len;
	header->value = lua_tolstring(L, -1, &header->value_len);
}

/* name → value, or name → { value, … }; name → false takes away what the client sends otherwise. Texts made of
 * numbers are kept below the iteration's own places. */
static void headers(struct reader *reader)
{
	lua_State *L = reader->L;
	int table = lua_gettop(L);

	if (!lua_istable(L, -1))
		refuse(reader, "a table of names and values");
	lua_pushnil(L);
	while (lua_next(L, table)) {
		size_t len;
		const char *name;

		luaL_checkstack(L, 8, "too many headers");
		if (lua_type(L, -2) != LUA_TSTRING)
			refuse(reader, "a table with names as keys");
		name = lua_tolstring(L, -2, &len);
		drop_header(reader, name, len);
		if (lua_istable(L, -1)) {
			int list = lua_gettop(L);

			for (lua_Integer i = 1; lua_geti(L, list, i) != LUA_TNIL; i++) {
				luaL_checkstack(L, 8, "too many headers");
				add_header(reader, name, len);
				lua_insert(L, table++);
				list++;
			}
			lua_pop(L, 2);
		} else if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) {
			lua_pop(L, 1);
		} else {
			add_header(reader, name, len);
			lua_insert(L, table++);
		}
	}
}

static void read_method(struct reader *reader)
{
	reader->ask->request.method = word(reader);
}

static void read_url(struct reader *reader)
{
	reader->ask->request.url = text(reader, &reader->ask->request.url_len);
}

static void read_body(struct reader *reader)
{
	if (reader->ask->request.body)
		sr_http_raise(reader->L, reader->where, "give either body or json, not both");
	reader->ask->request.body = text(reader, &reader->ask->request.body_len);
}

static void read_json(struct reader *reader)
{
	struct sr_error err;

	if (sr_json_push_text(reader->L, -1, "json", false, &err) < 0)
		sr_http_raise(reader->L, reader->where, "%s", err.text);
	read_body(reader);
	reader->json = true;
}

static void add_json_type(struct reader *reader)
{
	static const char type[] = "Content-Type", json[] = "application/json";
	struct sr_http_ask *ask = reader->ask;

	for (size_t i = 0; i < ask->header_count; i++)
		if (ask->headers[i].name_len == sizeof(type) - 1 &&
		    strncasecmp(ask->headers[i].name, type, sizeof(type) - 1) == 0)
			return;
	if (ask->header_count < SR_HTTP_HEADERS_MAX)
		ask->headers[ask->header_count++] =
		    (struct sr_http_header){type, json, sizeof(type) - 1, sizeof(json) - 1};
}

static void read_timeout(struct reader *reader)
{
	reader->ask->request.timeout = duration(reader);
}

static void read_name(struct reader *reader)
{
	word(reader);
	lua_pushvalue(reader->L, -1);
	lua_replace(reader->L, reader->slots);
}

static void read_expected(struct reader *reader)
{
	lua_State *L = reader->L;

	if (lua_istable(L, -1)) {
		for (lua_Integer i = 1; lua_geti(L, -1, i) != LUA_TNIL; i++) {
			if (!lua_isinteger(L, -1))
				refuse(reader, "a status or a list of statuses");
			lua_pop(L, 1);
		}
		lua_pop(L, 1);
	} else {
		integer(reader, 100, 999);
	}
	lua_pushvalue(L, -1);
	lua_replace(L, reader->slots + 1);
}

static void read_max_body(struct reader *reader)
{
	reader->ask->request.max_body = (size_t)integer(reader, 1, (lua_Integer)1 << 40);
}

static void read_unix_socket(struct reader *reader)
{
	reader->ask->request.unix_socket = word(reader);
}

static void read_ca_file(struct reader *reader)
{
	reader->ask->request.ca_file = word(reader);
}

static void read_cert(struct reader *reader)
{
	reader->ask->request.cert_file = word(reader);
}

static void read_key(struct reader *reader)
{
	reader->ask->request.key_file = word(reader);
}

static void read_insecure(struct reader *reader)
{
	reader->ask->request.insecure = boolean(reader);
}

static void read_compressed(struct reader *reader)
{
	reader->ask->request.compressed = boolean(reader);
}

static void read_redirects(struct reader *reader)
{
	reader->ask->request.max_redirects = (unsigned)integer(reader, 0, 100);
}

static void read_proxy(struct reader *reader)
{
	reader->ask->request.proxy = word(reader);
}

static void read_version(struct reader *reader)
{
	const char *version = lua_type(reader->L, -1) == LUA_TSTRING ? lua_tostring(reader->L, -1) : "";

	if (strcmp(version, "1.1") == 0)
		reader->ask->request.version = SR_HTTP_1_1;
	else if (strcmp(version, "2") == 0)
		reader->ask->request.version = SR_HTTP_2;
	else
		refuse(reader, "\"1.1\" or \"2\"");
}

static void read_base_url(struct reader *reader)
{
	reader->ask->base_url = text(reader, &reader->ask->base_url_len);
}

static void read_max_connections(struct reader *reader)
{
	reader->ask->max_connections = (unsigned)integer(reader, 1, 100000);
}

static void read_idle_timeout(struct reader *reader)
{
	reader->ask->idle_timeout = duration(reader);
}

#define FORM(form) (1u << SR_HTTP_FORM_##form)
#define ONE        (FORM(OPTIONS) | FORM(WHOLE))
#define ANY        (ONE | FORM(CLIENT))

static const struct option {
	const char *name;
	void (*read)(struct reader *reader);
	unsigned forms;
} options[] = {
    {"method", read_method, FORM(WHOLE)},
    {"url", read_url, FORM(WHOLE)},
    {"headers", headers, ANY},
    {"body", read_body, ONE},
    {"json", read_json, ONE},
    {"timeout", read_timeout, ANY},
    {"name", read_name, ANY},
    {"expected", read_expected, ANY},
    {"max_body", read_max_body, ANY},
    {"unix_socket", read_unix_socket, ANY},
    {"ca_file", read_ca_file, ANY},
    {"cert", read_cert, ANY},
    {"key", read_key, ANY},
    {"insecure", read_insecure, ANY},
    {"redirects", read_redirects, ANY},
    {"compressed", read_compressed, ANY},
    {"version", read_version, ANY},
    {"proxy", read_proxy, ANY},
    {"base_url", read_base_url, FORM(CLIENT)},
    {"max_connections", read_max_connections, FORM(CLIENT)},
    {"idle_timeout", read_idle_timeout, FORM(CLIENT)},
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

void sr_http_options_push(lua_State *L)
{
	lua_createtable(L, 0, OPTIONS);
	for (size_t i = 0; i < OPTIONS; i++) {
		lua_pushinteger(L, (lua_Integer)i);
		lua_setfield(L, -2, options[i].name);
	}
}

__attribute__((noreturn)) static void unknown(struct reader *reader, enum sr_http_form form)
{
	lua_State *L = reader->L;
	const char *key = luaL_tolstring(L, -2, NULL);
	int n = 0;

	sr_http_push_library(L, "scalerun.options", "nearest");
	lua_pushstring(L, key);
	lua_newtable(L);
	for (size_t i = 0; i < OPTIONS; i++) {
		if (options[i].forms & 1u << form) {
			lua_pushstring(L, options[i].name);
			lua_rawseti(L, -2, ++n);
		}
	}
	lua_pushvalue(L, -1);
	lua_insert(L, -4);
	lua_call(L, 2, 1);
	if (lua_isstring(L, -1))
		sr_http_raise(L, reader->where, "unknown option '%s' (did you mean '%s'?)", key, lua_tostring(L, -1));
	lua_pop(L, 1);
	lua_getglobal(L, "table");
	lua_getfield(L, -1, "concat");
	lua_pushvalue(L, -3);
	lua_pushliteral(L, ", ");
	lua_call(L, 2, 1);
	sr_http_raise(L, reader->where, "unknown option '%s' (known are: %s)", key, lua_tostring(L, -1));
}

void sr_http_options_read(lua_State *L, int idx, enum sr_http_form form, const char *where, struct sr_http_ask *ask,
			  int slots)
{
	struct reader reader = {.L = L, .where = where, .ask = ask, .inherited = ask->header_count, .slots = slots};
	int base = lua_gettop(L) + 1, kept;

	if (!lua_istable(L, idx))
		sr_http_raise(L, where, "the options must be a table, not %s", luaL_typename(L, idx));
	lua_pushnil(L);
	while (lua_next(L, idx)) {
		size_t i = OPTIONS;

		lua_pushvalue(L, -2);
		if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TNUMBER)
			i = (size_t)lua_tointeger(L, -1);
		lua_pop(L, 1);
		if (i == OPTIONS || !(options[i].forms & 1u << form))
			unknown(&reader, form);
		reader.option = options[i].name;
		options[i].read(&reader);
		luaL_checkstack(L, 8, "too many options");
		/* What was read may live in values made just now: all of them go below the iteration's key. */
		kept = lua_gettop(L) - base;
		lua_rotate(L, base, kept);
		base += kept;
	}
	if (reader.json)
		add_json_type(&reader);
}

void sr_http_ask_init(struct sr_http_ask *ask)
{
	memset(ask, 0, offsetof(struct sr_http_ask, headers));
}

void sr_http_ask_copy(struct sr_http_ask *to, const struct sr_http_ask *from)
{
	memcpy(to, from, offsetof(struct sr_http_ask, headers) + from->header_count * sizeof(from->headers[0]));
}
