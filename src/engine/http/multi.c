/* What our own HTTP/1.1 does not speak (HTTP/2, following redirects, decompression, proxies) libcurl does
 * whole, all calls of a client through one multi handle. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct sr_http_multi {
	struct sr_http_drive drive;
};

static void finished(struct sr_http_call *call, CURLcode rc);

static void progressed(struct sr_http_drive *drive)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(drive->multi, &left))) {
		struct sr_http_call *call;
		CURLcode rc = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
		finished(call, rc);
	}
}

static struct sr_http_multi *multi_of(struct sr_http_client *client)
{
	struct sr_http_multi *multi = client->multi;

	if (multi)
		return multi;
	multi = malloc(sizeof *multi);
	if (!multi || sr_http_drive_init(&multi->drive, client, progressed) < 0) {
		free(multi);
		return NULL;
	}
	curl_multi_setopt(multi->drive.multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)client->options.max_connections);
	client->multi = multi;
	return multi;
}

void sr_http_multi_free(struct sr_http_multi *multi)
{
	if (!multi)
		return;
	sr_http_drive_deinit(&multi->drive);
	free(multi);
}

/* The head and body of the last response stay; what came before a redirect goes. */
static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct sr_http_call *call = arg;
	size_t len = size * count;

	if (len >= 5 && memcmp(data, "HTTP/", 5) == 0) {
		sr_buf_clear(&call->in);
		call->head_len = 0;
		call->has_head = false;
	}
	if (call->has_head)
		return len; /* a trailer */
	if (sr_buf_append(&call->in, data, len) < 0 || call->in.len > call->client->options.max_head) {
		sr_fail(&call->pub.op.err, SR_ELIMIT, "http.request",
			"the response's headers are longer than %zu bytes", call->client->options.max_head);
		return 0;
	}
	call->head_len = call->in.len;
	if (len <= 2) {
		long status = 0;

		call->has_head = true;
		curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
		/* See Other: whatever the method was, the next request is a GET. */
		if (status == 303 && !call->is_head)
			curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, NULL);
	}
	return len;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct sr_http_call *call = arg;
	size_t len = size * count;

	if (call->in.len - call->head_len + len > call->max_body) {
		sr_fail(&call->pub.op.err, SR_ELIMIT, "http.request",
			"the body has more than the %zu bytes that max_body allows", call->max_body);
		return 0;
	}
	return sr_buf_append(&call->in, data, len) < 0 ? 0 : len;
}

/* Called whenever a request is about to be sent. libcurl would send one again when the connection that it
 * had kept open turns out to be closed, or when an HTTP/2 server refuses the stream: more sends than there
 * were redirects means just that. */
static int on_send(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	struct sr_http_call *call = arg;
	long redirects = 0;

	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	curl_easy_getinfo(call->easy, CURLINFO_REDIRECT_COUNT, &redirects);
	call->attempts++;
	call->resend_refused = call->attempts > (unsigned)redirects + 1;
	return call->resend_refused ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static int64_t info_time(CURL *easy, CURLINFO info)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, info, &us);
	return us * SR_US;
}

static int64_t span(int64_t from, int64_t to)
{
	return to > from ? to - from : 0;
}

static void fill_timings(struct sr_http_call *call)
{
	struct sr_http_timings *timings = &call->pub.response.timings;
	struct sr_op *op = &call->pub.op;
	CURL *easy = call->easy;
	int64_t dns = info_time(easy, CURLINFO_NAMELOOKUP_TIME_T), connect = info_time(easy, CURLINFO_CONNECT_TIME_T);
	int64_t tls = info_time(easy, CURLINFO_APPCONNECT_TIME_T), ready = info_time(easy, CURLINFO_PRETRANSFER_TIME_T);

	timings->total = op->ended - op->started;
	timings->dns = dns;
	timings->connect = span(dns, connect);
	timings->tls = tls ? span(connect, tls) : 0;
	timings->first_byte = span(ready, info_time(easy, CURLINFO_STARTTRANSFER_TIME_T));
	timings->wait = span(info_time(easy, CURLINFO_TOTAL_TIME_T), timings->total);
}

static void fill(struct sr_http_call *call)
{
	struct sr_http_response *response = &call->pub.response;
	long status = 0, version = 0, redirects = 0, dialled = 0;
	char *url = NULL;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(call->easy, CURLINFO_HTTP_VERSION, &version);
	curl_easy_getinfo(call->easy, CURLINFO_REDIRECT_COUNT, &redirects);
	curl_easy_getinfo(call->easy, CURLINFO_NUM_CONNECTS, &dialled);
	curl_easy_getinfo(call->easy, CURLINFO_EFFECTIVE_URL, &url);
	response->status = (int)status;
	response->version = version == CURL_HTTP_VERSION_2_0 ? 20 : version == CURL_HTTP_VERSION_1_0 ? 10 : 11;
	response->reused = dialled == 0;
	response->redirects = (int)redirects;
	response->final_url = redirects > 0 ? url : NULL;
	response->head = call->in.data;
	response->head_len = call->head_len;
	response->body = call->in.data + call->head_len;
	response->body_len = call->in.len - call->head_len;
}

static void release(struct sr_http_call *call)
{
	curl_multi_remove_handle(call->client->multi->drive.multi, call->easy);
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(call->lines);
	call->lines = NULL;
}

static void fail(struct sr_http_call *call, CURLcode rc)
{
	struct sr_error *err = &call->pub.op.err;
	char shown[SR_HTTP_SHOWN], text[sizeof err->text];

	if (err->code) { /* a callback has told */
		memcpy(text, err->text, sizeof text);
		sr_http_call_show(call, shown, sizeof shown);
		sr_fail(err, err->code, "http.request", "%s: %s", shown, text);
		sr_op_finish(&call->pub.op, -err->code);
	} else if (call->resend_refused) {
		sr_op_fail(&call->pub.op, SR_ECLOSED,
			   "%s: the server closed the kept-alive connection or refused the stream without an answer; "
			   "the request was not sent again, and the server may have acted on it",
			   sr_http_call_show(call, shown, sizeof shown));
	} else {
		sr_http_easy_fail(call, call->easy, rc, call->problem);
	}
}

static void finished(struct sr_http_call *call, CURLcode rc)
{
	if (rc == CURLE_OK) {
		sr_op_finish(&call->pub.op, 0);
		fill(call);
		fill_timings(call);
	} else {
		fail(call, rc);
	}
	release(call);
}

static bool add_line(struct sr_http_call *call, const char *line)
{
	struct curl_slist *longer = curl_slist_append(call->lines, line);

	if (longer)
		call->lines = longer;
	return longer != NULL;
}

/* Our writer has already made the request's head: its header lines are libcurl's, which then adds none of
 * its own. The terminators are put back after use, for messages show the request line. */
static bool add_lines(struct sr_http_call *call)
{
	char *line = strchr(call->out.data, '\n') + 1, *end;
	bool ok = add_line(call, "Expect:") && add_line(call, "Accept:");
	bool has_type = false;

	for (; ok && (end = strchr(line, '\r')) != line; line = end + 2) {
		*end = '\0';
		has_type = has_type || strncasecmp(line, "content-type:", 13) == 0;
		if (strncasecmp(line, "content-length:", 15) != 0) {
			char *value = strchr(line, ':');

			if (value[2] == '\0')
				memcpy(value, ";", 2); /* libcurl's way to say "empty": "Name:" means "leave out" */
			ok = add_line(call, line);
			memcpy(value, ": ", 2);
		}
		*end = '\r';
	}
	return ok && (has_type || add_line(call, "Content-Type:"));
}

static void set_method(struct sr_http_call *call, const struct sr_http_request *request)
{
	CURL *easy = call->easy;
	bool post = strcmp(call->method, "POST") == 0;

	if (call->is_head) {
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
		return;
	}
	if (request->body || post) {
		size_t len = request->body ? request->body_len : 0;

		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->out.data + call->out.len - len);
	}
	if (!post && (request->body || strcmp(call->method, "GET") != 0)) {
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
		/* To libcurl any body is a POST's, and redirects turn POST into GET. */
		curl_easy_setopt(easy, CURLOPT_POSTREDIR, (long)(CURL_REDIR_POST_301 | CURL_REDIR_POST_302));
	}
}

/* libcurl 7.88 cannot use a connection of HTTP/2 without TLS a second time (curl pull request 10643). */
static bool is_cleartext_reuse_broken(void)
{
	return curl_version_info(CURLVERSION_NOW)->version_num >> 8 == 0x0758;
}

static void set_version(CURL *easy, bool tls, int version)
{
	if (version < SR_HTTP_2) {
		curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
		return;
	}
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
	if (tls || !is_cleartext_reuse_broken()) {
		curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L); /* rather than dial while one is being dialled */
	} else {
		curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	}
}

static bool set_up(struct sr_http_call *call, const struct sr_http_request *request)
{
	const struct sr_http_origin *origin = call->origin;
	CURL *easy = call->easy;
	char *url;

	if (asprintf(&url, "%s%.*s", origin->url, (int)call->target_len, call->out.data + call->target) < 0)
		return false;
	sr_http_easy_setup(easy, origin, call->problem);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	free(url);
	set_version(easy, origin->tls, request->version);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)((call->client->options.idle_timeout + SR_S - 1) / SR_S));
	if (request->proxy) {
		curl_easy_setopt(easy, CURLOPT_PROXY, request->proxy);
		curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
		curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	}
	if (request->compressed)
		curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	if (request->max_redirects) {
		curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
		curl_easy_setopt(easy, CURLOPT_MAXREDIRS, (long)request->max_redirects);
		curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
	}
	set_method(call, request);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_send);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	if (!add_lines(call))
		return false;
	return curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->lines) == CURLE_OK;
}

static void start(struct sr_http_call *call, const struct sr_http_request *request)
{
	struct sr_http_multi *multi = multi_of(call->client);

	if (call->easy)
		curl_easy_reset(call->easy);
	else
		call->easy = curl_easy_init();
	call->attempts = 0;
	call->resend_refused = call->has_head = false;
	call->head_len = 0;
	sr_buf_clear(&call->in);
	if (!multi || !call->easy || sr_buf_reserve(&call->in, 1) < 0 || !set_up(call, request)) {
		curl_slist_free_all(call->lines);
		call->lines = NULL;
		sr_op_fail(&call->pub.op, SR_ENOMEM, "out of memory for a request");
		return;
	}
	curl_multi_add_handle(multi->drive.multi, call->easy);
}

static void cancel(struct sr_http_call *call, int code)
{
	struct sr_error *err = &call->pub.op.err;
	char shown[SR_HTTP_SHOWN], text[sizeof err->text];

	memcpy(text, err->text, sizeof text);
	sr_fail(err, code, "http.request", "%s: %s", sr_http_call_show(call, shown, sizeof shown), text);
	sr_op_finish(&call->pub.op, -code);
	release(call);
}

const struct sr_http_transport sr_http_through_multi = {start, cancel};
