#include "server.h"

#include "listen.h"
#include "mcp/mcp.h"
#include "mcp/stream.h"
#include "pause.h"
#include "request.h"
#include "route.h"
#include "slow.h"

#include "scalerun/base/clock.h"

#include <fcntl.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define SR_SERVER_CONNECTIONS  2000
#define SR_SERVER_IDLE_SECONDS 120
#define SR_SERVER_QUIET        (50 * SR_MS) /* clients that hold a connection send their next request within */
#define SR_SERVER_STACK        (2 * 1024 * 1024)
#define SR_SERVER_STREAM_BLOCK 16384
#define SR_SERVER_DISCARD_MAX  (8 * SR_REQUEST_BODY_MAX) /* a longer body is not read to its end */

struct sr_server {
	struct sr_app *app;
	struct MHD_Daemon *daemon;
	atomic_bool stopping;
	char url[300];
};

/* Called with the request line. The returned request is the connection's until on_completed. */
static void *on_request_line(void *arg, const char *target, struct MHD_Connection *connection)
{
	struct sr_server *server = arg;
	struct sr_request *req = sr_request_new(server->app, target);

	if (req) {
		req->connection = connection;
		sr_stats_enter(server->app->stats);
	}
	return req;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
			 enum MHD_RequestTerminationCode why)
{
	struct sr_server *server = arg;
	struct sr_request *req = *context;
	struct sr_jlog_request line;

	(void)connection;
	(void)why;
	if (!req)
		return;
	*context = NULL;
	sr_stream_free(req->stream);
	req->target[strcspn(req->target, "?")] = '\0';
	line = (struct sr_jlog_request){
	    .method = req->method,
	    .path = req->target,
	    .status = req->status,
	    .duration = sr_now() - req->begun,
	    .project = req->project,
	};
	if (req->project && server->app->flights)
		sr_flights_leave(server->app->flights, req->project_index);
	sr_jlog_request(server->app->log, &line);
	sr_stats_leave(server->app->stats, sr_route_index(req->route), req->status, line.duration, req->project_index);
	sr_request_free(req);
}

static struct MHD_Response *make_response(struct sr_request *req)
{
	struct MHD_Response *response;
	size_t len;
	char *body;

	if (req->stream)
		return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, SR_SERVER_STREAM_BLOCK, sr_stream_read,
							 req->stream, NULL);
	if (req->out.error)
		sr_request_error(req, 500, "The answer is too large; ask for less at once");
	body = sr_buf_take(&req->out.buf, &len);
	response = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
	if (!response)
		free(body);
	return response;
}

static enum MHD_Result send_reply(struct sr_server *server, struct sr_request *req, struct MHD_Connection *connection)
{
	struct MHD_Response *response = make_response(req);
	enum MHD_Result result;
	char seconds[24];

	if (!response)
		return MHD_NO;
	if (req->status != 202)
		MHD_add_response_header(response, "Content-Type", req->content_type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Replica", server->app->options->replica);
	if (req->status == 401)
		MHD_add_response_header(response, "WWW-Authenticate", "Bearer realm=\"scalerun-target\"");
	if (req->status == 405)
		MHD_add_response_header(response, "Allow", req->allow);
	if (req->cache)
		MHD_add_response_header(response, "X-Cache", req->cache);
	if (req->retry_after) {
		snprintf(seconds, sizeof(seconds), "%lld", (long long)req->retry_after);
		MHD_add_response_header(response, "Retry-After", seconds);
	}
	if (atomic_load(&server->stopping))
		MHD_add_response_header(response, "Connection", "close");
	result = MHD_queue_response(connection, (unsigned)req->status, response);
	MHD_destroy_response(response);
	return result;
}

/* Everything that can be said without the body. Answers and returns false when there is something to say. */
static bool admit(struct sr_request *req, struct MHD_Connection *connection)
{
	const char *problem = "";
	const char *authorization;
	int status;

	if (sr_url_parse(&req->url, req->target, &problem)) {
		sr_request_error(req, 400, "%s", *problem ? problem : "out of memory");
		return false;
	}
	status = sr_route_match(req);
	if (status) {
		sr_request_error(req, status, status == 404 ? "No such endpoint" : "Method not allowed; allowed: %s",
				 req->allow);
		return false;
	}
	if (req->route->flags & SR_ROUTE_OPEN)
		return true;
	if ((req->route->flags & SR_ROUTE_GUARDED) && !sr_mcp_admit(req))
		return false;
	authorization = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
	if (!authorization && req->app->options->conformance)
		req->project_index = 0;
	else
		req->project_index = sr_keys_authorize(req->app->keys, authorization);
	if (req->project_index < 0) {
		sr_request_error(req, 401, authorization ? "Wrong key" : "No key; send Authorization: Bearer <key>");
		return false;
	}
	req->project = sr_keys_project(req->app->keys, req->project_index);
	if (req->app->flights)
		sr_flights_enter(req->app->flights, req->project_index);
	return true;
}

static bool body_too_long(struct MHD_Connection *connection)
{
	const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");

	return length && strtoull(length, NULL, 10) > SR_SERVER_DISCARD_MAX;
}

static void refuse_body(struct sr_request *req)
{
	sr_request_error(req, 413, "body: too large; allowed: up to %d bytes", SR_REQUEST_BODY_MAX);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
				  const char *version, const char *data, size_t *size, void **context)
{
	struct sr_server *server = arg;
	struct sr_request *req = *context;

	(void)url;
	(void)version;
	if (!req)
		return MHD_NO;
	if (!req->started) {
		req->started = true;
		snprintf(req->method, sizeof(req->method), "%s", method);
		if (!body_too_long(connection))
			return MHD_YES;
		refuse_body(req);
		return send_reply(server, req, connection);
	}
	if (*size > 0) {
		req->received += *size;
		if (req->received > SR_SERVER_DISCARD_MAX)
			return MHD_NO;
		if (req->received <= SR_REQUEST_BODY_MAX && sr_buf_append(&req->body, data, *size))
			return MHD_NO;
		*size = 0;
		return MHD_YES;
	}
	if (!admit(req, connection))
		return send_reply(server, req, connection);
	if (req->received > SR_REQUEST_BODY_MAX)
		refuse_body(req);
	else
		req->route->handler(req);
	if (!req->stream)
		sr_slow_request(req);
	return send_reply(server, req, connection);
}

/* The library's own decoding is not wanted: url.c does it, and says what is wrong. */
static size_t keep_escapes(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	return strlen(text);
}

static void raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int sr_server_start(struct sr_app *app, struct sr_server **out, struct sr_error *err)
{
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC;
	struct sr_server *server = calloc(1, sizeof(*server));
	int fd;

	if (!server)
		return sr_fail(err, SR_ENOMEM, "server", "out of memory");
	server->app = app;
	raise_descriptor_limit();
	fd = sr_listen_open(app->options->host, app->options->port, server->url, sizeof(server->url), err);
	if (fd < 0) {
		free(server);
		return fd;
	}
	server->daemon = MHD_start_daemon(
	    flags, 0, NULL, NULL, on_request, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK,
	    on_request_line, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_UNESCAPE_CALLBACK,
	    keep_escapes, NULL, MHD_OPTION_CONNECTION_LIMIT, (unsigned)SR_SERVER_CONNECTIONS,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SR_SERVER_IDLE_SECONDS, MHD_OPTION_THREAD_STACK_SIZE,
	    (size_t)SR_SERVER_STACK, MHD_OPTION_END);
	if (!server->daemon) {
		close(fd);
		free(server);
		return sr_fail(err, SR_EIO, "server", "cannot start the HTTP server");
	}
	*out = server;
	return 0;
}

const char *sr_server_url(const struct sr_server *server)
{
	return server->url;
}

/* No more connections. Those that the kernel has taken on are clients that believe to be connected: they are
 * served, too. */
static void stop_listening(struct sr_server *server)
{
	int fd = MHD_quiesce_daemon(server->daemon);
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	int client;

	if (fd < 0)
		return;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while ((client = accept4(fd, (struct sockaddr *)&address, &len, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
		MHD_add_connection(server->daemon, client, (struct sockaddr *)&address, len);
		len = sizeof(address);
	}
	close(fd);
}

static bool has_connections(struct sr_server *server)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

	return !info || info->num_connections > 0;
}

bool sr_server_stop(struct sr_server *server, int64_t wait)
{
	int64_t deadline = sr_now() + wait;
	int64_t quiet = sr_now(); /* since when nothing is in flight */

	atomic_store(&server->stopping, true);
	stop_listening(server);
	while (has_connections(server) && sr_now() - quiet < SR_SERVER_QUIET && sr_now() < deadline) {
		sr_pause(2 * SR_MS);
		if (sr_stats_in_flight(server->app->stats) > 0)
			quiet = sr_now();
	}
	if (sr_stats_in_flight(server->app->stats) > 0)
		return false;
	MHD_stop_daemon(server->daemon);
	free(server);
	return true;
}
