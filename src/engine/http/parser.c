/* The response's bytes stay where they were read: the head at the front of call->in, the body right after
 * it (chunks move down over their framing), so that nothing is copied and headers can be looked at later. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

#define OP       "http.request"
#define READ_MIN ((size_t)8 << 10)
#define READ_MAX ((size_t)256 << 10)

static struct sr_http_call *call_of(llhttp_t *parser)
{
	return parser->data;
}

/* Where the empty line ends that closes the head. */
static size_t head_end(const char *data, size_t len)
{
	const char *at = data, *end = data + len;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		at++;
		if (at < end && *at == '\n')
			return (size_t)(at + 1 - data);
		if (end - at >= 2 && at[0] == '\r' && at[1] == '\n')
			return (size_t)(at + 2 - data);
	}
	return len;
}

/* Bytes of the body, with those that the reader of a stream has taken. */
static size_t got(const struct sr_http_call *call)
{
	return call->body_end - call->head_len + (call->streams ? call->stream.passed_on : 0);
}

static bool has_no_body(const struct sr_http_call *call, int status)
{
	return call->is_head || status / 100 == 1 || status == 204 || status == 304;
}

static int on_headers_complete(llhttp_t *parser)
{
	struct sr_http_call *call = call_of(parser);
	struct sr_error *err = &call->pub.op.err;
	int status = parser->status_code;

	call->has_head = true;
	if (status == 101) {
		sr_fail(err, SR_EPROTO, OP, "the server switched protocols, which was not asked for");
		return -1;
	}
	if (has_no_body(call, status))
		return 1;
	if ((parser->flags & F_CONTENT_LENGTH) && !(parser->flags & F_CHUNKED) &&
	    parser->content_length > call->max_body) {
		sr_fail(err, SR_ELIMIT, OP, "the body has %llu bytes, max_body allows %zu",
			(unsigned long long)parser->content_length, call->max_body);
		return -1;
	}
	return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
	struct sr_http_call *call = call_of(parser);

	if (call->body_end == 0) {
		size_t before = (size_t)(at - call->in.data);

		call->head_len = parser->flags & F_CHUNKED ? head_end(call->in.data, before) : before;
		call->body_end = call->head_len;
	}
	if (got(call) + len > call->max_body) {
		sr_fail(&call->pub.op.err, SR_ELIMIT, OP, "the body has more than the %zu bytes that max_body allows",
			call->max_body);
		return -1;
	}
	if (at != call->in.data + call->body_end)
		memmove(call->in.data + call->body_end, at, len);
	call->body_end += len;
	return 0;
}

static int on_message_complete(llhttp_t *parser)
{
	struct sr_http_call *call = call_of(parser);

	call->complete = true;
	call->keep_alive = llhttp_should_keep_alive(parser);
	return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

void sr_http_parse_begin(struct sr_http_call *call)
{
	size_t extra = 2 * call->client->options.max_head + 2 * READ_MAX;
	size_t kept = call->streams ? SR_HTTP_BODY_BUFFER : call->max_body;

	llhttp_init(&call->parser, HTTP_RESPONSE, &settings);
	call->parser.data = call;
	call->parsed = call->head_len = call->body_end = call->interim = 0;
	call->has_head = call->complete = call->keep_alive = false;
	call->first_byte = 0;
	sr_buf_clear(&call->in);
	call->in.max = kept > SIZE_MAX - extra ? SIZE_MAX : kept + extra;
}

ssize_t sr_http_parse_room(struct sr_http_call *call)
{
	size_t room = READ_MIN, most = SIZE_MAX;
	int rc;

	if (call->streams && call->has_head)
		most = sr_http_body_room(call);
	if (most == 0)
		return 0;
	if (call->has_head && !(call->parser.flags & F_CHUNKED) && call->parser.content_length > room)
		room = call->parser.content_length < READ_MAX ? (size_t)call->parser.content_length : READ_MAX;
	else if (call->body_end > READ_MAX)
		room = READ_MAX;
	rc = sr_buf_reserve(&call->in, room < most ? room : most);
	if (rc < 0)
		return rc;
	if (call->streams)
		call->pub.response.head = call->in.data; /* may have moved */
	room = call->in.cap - call->in.len;
	return (ssize_t)(room < most ? room : most);
}

/* "HTTP/1.1 200 O" as text that fits into a message. */
static const char *beginning(const struct sr_http_call *call, char out[41])
{
	size_t n = 0;

	while (n < 40 && n < call->in.len && call->in.data[n] != '\r' && call->in.data[n] != '\n') {
		char c = call->in.data[n];

		out[n++] = c < 0x20 || c > 0x7e ? '?' : c;
	}
	out[n] = '\0';
	return out;
}

static enum sr_http_parse failed(struct sr_http_call *call, enum llhttp_errno rc)
{
	struct sr_error *err = &call->pub.op.err;
	char text[41], reason[160];

	if (err->code) /* a callback has told */
		return SR_HTTP_FAILED;
	snprintf(reason, sizeof reason, "%s", llhttp_get_error_reason(&call->parser));
	if (call->has_head)
		sr_fail(err, SR_EPROTO, OP, "the server's body is malformed: %s", reason);
	else
		sr_fail(err, SR_EPROTO, OP, "the server's answer \"%s\" is not valid HTTP: %s", beginning(call, text),
			reason);
	sr_error_detail(err, llhttp_errno_name(rc) + strlen("HPE_"));
	return SR_HTTP_FAILED;
}

static enum sr_http_parse head_too_large(struct sr_http_call *call)
{
	sr_fail(&call->pub.op.err, SR_ELIMIT, OP, "the response's headers are longer than %zu bytes",
		call->client->options.max_head);
	return SR_HTTP_FAILED;
}

/* Forgets a 1xx response that ended at `end`: the real one follows. */
static bool skip_interim(struct sr_http_call *call, size_t end)
{
	call->interim += end;
	sr_buf_consume(&call->in, end);
	llhttp_reset(&call->parser);
	call->parsed = call->head_len = call->body_end = 0;
	call->has_head = call->complete = false;
	return call->interim <= call->client->options.max_head;
}

/* llhttp takes empty lines before the status line; the head is to begin with it. */
static void skip_blank_lines(struct sr_buf *in)
{
	size_t n = 0;

	while (n < in->len && (in->data[n] == '\r' || in->data[n] == '\n'))
		n++;
	if (n)
		sr_buf_consume(in, n);
}

enum sr_http_parse sr_http_parse(struct sr_http_call *call)
{
	size_t max_head = call->client->options.max_head, end;
	enum llhttp_errno rc;

	if (call->parsed == 0)
		skip_blank_lines(&call->in);
	while (call->parsed < call->in.len) {
		rc = llhttp_execute(&call->parser, call->in.data + call->parsed, call->in.len - call->parsed);
		if (call->has_head && call->head_len == 0) {
			call->head_len = head_end(call->in.data, call->in.len);
			call->body_end = call->head_len;
		}
		if ((call->has_head ? call->head_len : call->in.len) > max_head)
			return head_too_large(call);
		if (call->complete) {
			end = (size_t)(llhttp_get_error_pos(&call->parser) - call->in.data);
			if (call->parser.status_code / 100 != 1) {
				if (end < call->in.len)
					call->keep_alive = false; /* bytes that no request asked for */
				return SR_HTTP_DONE;
			}
			if (!skip_interim(call, end))
				return head_too_large(call);
			continue;
		}
		if (rc != HPE_OK)
			return failed(call, rc);
		if (call->has_head)
			call->in.len = call->body_end; /* what is left are chunk sizes and the like */
		call->parsed = call->in.len;
	}
	return SR_HTTP_MORE;
}

enum sr_http_parse sr_http_parse_end(struct sr_http_call *call)
{
	struct sr_error *err = &call->pub.op.err;

	/* Only a body that lasts until the end of the stream is complete now. */
	if (call->has_head && llhttp_message_needs_eof(&call->parser)) {
		call->complete = true;
		call->keep_alive = false;
		return SR_HTTP_DONE;
	}
	if (!call->has_head)
		sr_fail(err, SR_ECLOSED, OP,
			"the server closed the connection in the middle of the response's headers");
	else if (call->parser.flags & F_CHUNKED)
		sr_fail(err, SR_ECLOSED, OP, "the server closed the connection after %zu bytes of a chunked body",
			got(call));
	else
		sr_fail(err, SR_ECLOSED, OP, "the server closed the connection after %zu of %llu bytes of the body",
			got(call), (unsigned long long)(got(call) + call->parser.content_length));
	return SR_HTTP_FAILED;
}
