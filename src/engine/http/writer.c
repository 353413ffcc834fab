#include "internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define OP       "http.request"
#define HEAD_MAX ((size_t)1 << 20)

static bool token_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool token(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!token_char((unsigned char)text[i]))
			return false;
	return len > 0;
}

/* Whoever puts a line break into a value would write headers, or a request, of their own. */
static bool value_ok(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool is(const struct sr_http_header *header, const char *name, size_t len)
{
	return header->name_len == len && strncasecmp(header->name, name, len) == 0;
}
#define IS(header, name) is(header, name, sizeof name - 1)

int sr_http_request_check(const struct sr_http_request *request, struct sr_error *err)
{
	const char *method = request->method ? request->method : "GET";
	size_t len = strlen(method), total = 0;

	if (!token(method, len) || len >= sizeof((struct sr_http_call *)0)->method)
		return sr_fail(err, SR_EINVAL, OP, "the method must be a word such as GET, not \"%.40s\"", method);
	if (strcmp(method, "CONNECT") == 0)
		return sr_fail(err, SR_EINVAL, OP, "CONNECT opens tunnels, which are not supported");
	for (size_t i = 0; i < request->header_count; i++) {
		const struct sr_http_header *header = &request->headers[i];

		if (!token(header->name, header->name_len))
			return sr_fail(
			    err, SR_EINVAL, OP,
			    "the header name \"%.*s\" is not valid: letters, digits and !#$%%&'*+-.^_`|~ only",
			    header->name_len > 60 ? 60 : (int)header->name_len, header->name);
		if (!value_ok(header->value, header->value_len))
			return sr_fail(err, SR_EINVAL, OP,
				       "the value of the header %.*s has a line break or another control character",
				       header->name_len > 60 ? 60 : (int)header->name_len, header->name);
		if (IS(header, "content-length") || IS(header, "transfer-encoding"))
			return sr_fail(err, SR_EINVAL, OP, "leave the header %.*s out: it follows from the body",
				       (int)header->name_len, header->name);
		total += header->name_len + header->value_len + 4;
	}
	if (total > HEAD_MAX)
		return sr_fail(err, SR_EINVAL, OP, "the request's headers are longer than 1 MiB");
	return 0;
}

static char *put(char *at, const char *text, size_t len)
{
	memcpy(at, text, len);
	return at + len;
}
#define PUT(at, text) put(at, text, sizeof text - 1)

static bool expects_body(const char *method)
{
	return *method == 'P' &&
	       (strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 || strcmp(method, "PATCH") == 0);
}

/* Connection: close, alone or in a list. */
static bool names_close(const struct sr_http_header *header)
{
	for (size_t i = 0; i + 5 <= header->value_len; i++)
		if (strncasecmp(header->value + i, "close", 5) == 0)
			return true;
	return false;
}

int sr_http_request_write(struct sr_http_call *call, const struct sr_http_request *request,
			  const struct sr_http_site *site, const char *target, size_t target_len, struct sr_error *err)
{
	const struct sr_http_origin *origin = site->origin;
	const char *method = call->method;
	size_t method_len = strlen(method), preamble = 0, auth_len = 0, room;
	bool own_host = false, own_agent = false, own_auth = false;
	char *at;

	room = method_len + target_len + origin->preamble_len + request->body_len + 64;
	for (size_t i = 0; i < request->header_count; i++) {
		const struct sr_http_header *header = &request->headers[i];

		room += header->name_len + header->value_len + 4;
		own_host = own_host || IS(header, "host");
		own_agent = own_agent || IS(header, "user-agent");
		own_auth = own_auth || IS(header, "authorization");
		if (IS(header, "connection") && names_close(header))
			call->wants_close = true;
	}
	if (site->authorization && !own_auth)
		auth_len = strlen(site->authorization);
	if (sr_buf_reserve(&call->out, room + auth_len) < 0)
		return sr_fail(err, SR_ENOMEM, OP, "out of memory for a request of %zu bytes", room);

	at = put(call->out.data, method, method_len);
	*at++ = ' ';
	call->target = (size_t)(at - call->out.data);
	if (target_len == 0 || *target != '/')
		*at++ = '/';
	at = put(at, target, target_len);
	call->target_len = (size_t)(at - call->out.data) - call->target;
	at = PUT(at, " HTTP/1.1\r\n");
	if (own_host)
		preamble = origin->host_line_len;
	at =
	    put(at, origin->preamble + preamble, (own_agent ? origin->host_line_len : origin->preamble_len) - preamble);
	if (auth_len)
		at = put(at, site->authorization, auth_len);
	for (size_t i = 0; i < request->header_count; i++) {
		const struct sr_http_header *header = &request->headers[i];

		at = put(at, header->name, header->name_len);
		at = PUT(at, ": ");
		at = put(at, header->value, header->value_len);
		at = PUT(at, "\r\n");
	}
	if (request->body || expects_body(method))
		at += sprintf(at, "Content-Length: %zu\r\n", request->body ? request->body_len : 0);
	at = PUT(at, "\r\n");
	if (request->body)
		at = put(at, request->body, request->body_len);
	call->out.len = (size_t)(at - call->out.data);
	return 0;
}
