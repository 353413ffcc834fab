/* One HTTP request as a handler sees it, and the ways to answer it. A request lives on one thread at a
 * time; everything it points to goes with it. */
#ifndef TARGET_REQUEST_H
#define TARGET_REQUEST_H

#include "app.h"
#include "jsonw.h"
#include "url.h"

#include <jansson.h>

#define SR_REQUEST_BODY_MAX  (1024 * 1024)
#define SR_REQUEST_REPLY_MAX (32 * 1024 * 1024)
#define SR_REQUEST_ARGS      4

struct sr_route;
struct sr_stream;
struct MHD_Connection;

struct sr_request {
	struct sr_app *app;
	struct MHD_Connection *connection; /* NULL: made inside the process */
	const struct sr_route *route;      /* NULL: none matched */
	char *target;                      /* as received, undecoded */
	char method[16];
	struct sr_url url;
	const char *args[SR_REQUEST_ARGS]; /* what {…} in the route's pattern matched, in order */
	struct sr_buf body;
	json_t *json;        /* the body once sr_request_json parsed it */
	int project_index;   /* of the key, in app->keys; -1 without a key */
	const char *project; /* its id, or NULL */
	int64_t begun;       /* sr_now() */
	size_t received;     /* body bytes, those dropped over the maximum included */

	int status;
	struct sr_jsonw out;
	const char *content_type;
	char allow[64];           /* for 405 */
	const char *cache;        /* X-Cache, or NULL */
	int64_t retry_after;      /* whole seconds, for 429 and 503; 0: none */
	struct sr_stream *stream; /* what follows the head; NULL: out */
	bool started;
};

struct sr_request *sr_request_new(struct sr_app *app, const char *target);
void sr_request_free(struct sr_request *req);

/* A request header, or NULL. */
const char *sr_request_header(const struct sr_request *req, const char *name);

/* Answers {"success":false,"error":"…"}; drops what was written before. */
void sr_request_error(struct sr_request *req, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Answers a failed database call: 503 when the pool or the server's statement_timeout ran out, else 500. */
void sr_request_db_error(struct sr_request *req, int rc, const struct sr_error *err);

/* Starts {"success":true, … ; _end_ok closes it and sets 200. */
struct sr_jsonw *sr_request_begin_ok(struct sr_request *req);
void sr_request_end_ok(struct sr_request *req);

/* The readers below return false after having answered 400 with the field's name and what is allowed. */

/* A query parameter, NULL when absent. */
bool sr_request_param(struct sr_request *req, const char *name, const char **value);

/* The required parameter or field that names a project, checked against SR_PROJECT_ID_RULE. */
bool sr_request_project_param(struct sr_request *req, const char *name, const char **project);
bool sr_request_check_project(struct sr_request *req, const char *name, const char *value);

/* An optional integer parameter: fallback when absent. */
bool sr_request_int_param(struct sr_request *req, const char *name, int64_t min, int64_t max, int64_t fallback,
			  int64_t *value);

/* Parses the body, which must be a JSON object. */
bool sr_request_json(struct sr_request *req);

/* A string member of object; `where` ("tasks[3].") goes before the name in messages. NULL when absent
 * and not required; JSON null counts as absent. max is in bytes. */
bool sr_request_string(struct sr_request *req, const json_t *object, const char *where, const char *name, bool required,
		       size_t max, const char **value);
bool sr_request_integer(struct sr_request *req, const json_t *object, const char *name, int64_t min, int64_t max,
			int64_t *value);

#endif
