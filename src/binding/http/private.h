/* scalerun.core.http: what its files share. */
#ifndef SR_BINDING_HTTP_PRIVATE_H
#define SR_BINDING_HTTP_PRIVATE_H

#include "scalerun/engine/http.h"

#include <lua.h>

#define SR_HTTP_HEADERS_MAX 64

/* What a script asks for. The strings are Lua's: whoever fills it keeps them anchored while it is used. */
struct sr_http_ask {
	struct sr_http_request request; /* headers points to nothing until it is used */
	const char *base_url;
	size_t base_url_len;
	unsigned max_connections;
	int64_t idle_timeout;
	size_t header_count;
	struct sr_http_header headers[SR_HTTP_HEADERS_MAX]; /* last: not cleared, not copied whole */
};

void sr_http_ask_init(struct sr_http_ask *ask);
void sr_http_ask_copy(struct sr_http_ask *to, const struct sr_http_ask *from);

enum sr_http_form {
	SR_HTTP_FORM_OPTIONS, /* get(url, options) */
	SR_HTTP_FORM_WHOLE,   /* request(options): method and url are among them */
	SR_HTTP_FORM_CLIENT,  /* client(options): base_url, limits; nothing of a single request */
};

/* Reads the option table at idx into ask. `slots` are two stack places, which get the values of `name` and
 * `expected`. Strings that were made on the way stay on the stack. Raises, with the script's own line, for
 * unknown names and bad values; `where` is the function in the user's words. Upvalue 1 of the running
 * function is what sr_http_options_push pushed. */
void sr_http_options_read(lua_State *L, int idx, enum sr_http_form form, const char *where, struct sr_http_ask *ask,
			  int slots);
void sr_http_options_push(lua_State *L); /* +1 */

/* An error with the line of the script: the sugar's own function stands between it and C. */
void sr_http_raise(lua_State *L, const char *where, const char *fmt, ...)
    __attribute__((noreturn, format(printf, 3, 4)));

/* Pushes module[function] of the Lua library, which the sugar has loaded. */
void sr_http_push_library(lua_State *L, const char *module, const char *function);

/* Pushes the response as a table; meta is the index of its metatable. */
void sr_http_push_response(lua_State *L, const struct sr_http_response *response, int meta);

/* Pushes the table of a response's methods, to which the sugar adds its own, and the metatable. */
void sr_http_response_open(lua_State *L);

/* The same for a streamed request, and a userdata that owns its body; returns 2. */
int sr_http_push_stream(lua_State *L, struct sr_http_op *op, int meta);
void sr_http_stream_open(lua_State *L);

#endif
