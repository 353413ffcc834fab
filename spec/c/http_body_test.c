/* Bodies that are read as they arrive, from servers that take their time, stop, or send too much. */
#include "http_fixture.h"
#include "http_server.h"

#include "scalerun/engine/http_body.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
#define BIG     ((size_t)8 << 20)

struct stream {
	struct fixture fixture;
	struct server *server;
	struct exchange exchange;
	struct sr_http_body *body;
};

static void stream_begin(struct stream *stream, serve_fn *serve, void *arg, struct sr_http_request request)
{
	stream->server = server_start(serve, arg);
	fixture_open(&stream->fixture, NULL);
	request.url = server_url(stream->server);
	request.stream = true;
	exchange_start(&stream->exchange, &stream->fixture, &request);
	exchange_wait(&stream->exchange);
}

static void stream_take(struct stream *stream)
{
	assert_int_equal(stream->exchange.status, 0);
	assert_int_equal(stream->exchange.op->response.status, 200);
	assert_int_equal(stream->exchange.op->response.body_len, 0);
	stream->body = sr_http_body_take(stream->exchange.op);
	exchange_end(&stream->exchange);
}

static void stream_open(struct stream *stream, serve_fn *serve, void *arg)
{
	stream_begin(stream, serve, arg, (struct sr_http_request){0});
	stream_take(stream);
}

static void stream_end(struct stream *stream)
{
	fixture_close(&stream->fixture);
	server_stop(stream->server);
}

static void stream_close(struct stream *stream)
{
	sr_http_body_close(stream->body);
	stream_end(stream);
}

struct reading {
	struct sr_op *op;
	unsigned calls;
	int status;
};

static void reading_done(struct sr_op *op, int status, void *arg)
{
	struct reading *reading = arg;

	(void)op;
	reading->calls++;
	reading->status = status;
}

static void reading_start(struct reading *reading, struct stream *stream, int64_t timeout)
{
	*reading = (struct reading){.op = sr_http_body_read(stream->body, timeout)};
	assert_non_null(reading->op);
	reading->op->done = reading_done;
	reading->op->arg = reading;
}

static bool reading_runs(void *arg)
{
	return ((struct reading *)arg)->calls == 0;
}

static void reading_wait(struct reading *reading, struct stream *stream)
{
	assert_int_equal(sr_loop_run_while(stream->fixture.loop, reading_runs, reading, sr_now() + 30 * SR_S), 0);
	assert_int_equal(reading->calls, 1);
}

/* Appends the next bytes to text, which holds len. Their number, 0 at the end. */
static size_t read_some(struct stream *stream, char *text, size_t len, size_t size)
{
	struct reading reading;
	const char *data;
	bool more;
	size_t n;

	reading_start(&reading, stream, 20 * SR_S);
	reading_wait(&reading, stream);
	assert_int_equal(reading.status, 0);
	more = sr_http_body_next(stream->body, &data, &n);
	assert_int_equal(more, n > 0);
	assert_true(len + n < size);
	memcpy(text + len, data, n);
	text[len + n] = '\0';
	sr_op_free(reading.op);
	return n;
}

static void assert_next(struct stream *stream, const char *expected)
{
	size_t len = 0, want = strlen(expected);
	char text[1024] = "";

	do
		len += read_some(stream, text, len, sizeof text);
	while (len > 0 && len < want);
	assert_string_equal(text, expected);
}

/* Reads until the body fails; what came before is in text. */
static void assert_fails(struct stream *stream, char *text, size_t size, int code, const char *part)
{
	struct reading reading;
	const char *data;
	size_t n, len = 0;

	text[0] = '\0';
	for (;;) {
		reading_start(&reading, stream, 20 * SR_S);
		reading_wait(&reading, stream);
		if (reading.status < 0)
			break;
		assert_true(sr_http_body_next(stream->body, &data, &n));
		assert_true(len + n < size);
		memcpy(text + len, data, n);
		text[len += n] = '\0';
		sr_op_free(reading.op);
	}
	if (reading.status != -code || !strstr(reading.op->err.text, part))
		print_message("expected %s with \"%s\", got %s: %s\n", sr_code_name(code), part,
			      sr_code_name(-reading.status), reading.op->err.text);
	assert_int_equal(reading.status, -code);
	assert_non_null(strstr(reading.op->err.text, part));
	sr_op_free(reading.op);
}

static bool is_closed(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Each part waits for the test, or for the end of the connection. */
static void serve_parts(struct server *server, int fd, unsigned nth)
{
	static const char *const parts[] = {CHUNKED, "3\r\none\r\n", "3\r\ntw", "o\r\n4\r\n!fiv\r\n", "0\r\n\r\n"};

	(void)nth;
	while (server_read(server, fd)) {
		for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
			if (i > 0)
				server_wait(server);
			if (is_closed(fd))
				return;
			server_say(fd, parts[i]);
		}
	}
}

static void hands_over_what_has_come(void **state)
{
	struct stream stream;
	struct sr_http_request again = {0};

	(void)state;
	stream_open(&stream, serve_parts, NULL);
	server_go(stream.server);
	assert_next(&stream, "one");
	server_go(stream.server);
	assert_next(&stream, "tw");
	server_go(stream.server);
	assert_next(&stream, "o!fiv");
	server_go(stream.server);
	assert_next(&stream, "");
	assert_next(&stream, "");
	sr_http_body_close(stream.body);
	/* The connection is free for others. */
	for (int i = 0; i < 4; i++)
		server_go(stream.server);
	again.url = server_url(stream.server);
	exchange_start(&stream.exchange, &stream.fixture, &again);
	exchange_wait(&stream.exchange);
	assert_body(&stream.exchange, "onetwo!fiv");
	assert_true(stream.exchange.op->response.reused);
	exchange_end(&stream.exchange);
	assert_int_equal(server_connections(stream.server), 1);
	stream_end(&stream);
}

static void waits_for_a_read_no_longer_than_told(void **state)
{
	struct stream stream;
	struct reading reading;

	(void)state;
	stream_open(&stream, serve_parts, NULL);
	reading_start(&reading, &stream, SR_MS);
	reading_wait(&reading, &stream);
	assert_int_equal(reading.status, -SR_ETIMEOUT);
	assert_non_null(strstr(reading.op->err.text, "timed out after 1 ms while waiting for more of the body"));
	assert_null(sr_http_body_read(stream.body, SR_S)); /* one at a time */
	sr_op_free(reading.op);
	reading_start(&reading, &stream, SR_NEVER);
	sr_op_cancel(reading.op);
	assert_int_equal(reading.calls, 0);
	reading_wait(&reading, &stream);
	assert_int_equal(reading.status, -SR_ECANCEL);
	sr_op_free(reading.op);
	/* Neither has harmed the body. */
	for (int i = 0; i < 4; i++)
		server_go(stream.server);
	assert_next(&stream, "onetwo!fiv");
	assert_next(&stream, "");
	stream_close(&stream);
}

static void closes_under_a_read(void **state)
{
	struct stream stream;
	struct reading reading;

	(void)state;
	stream_open(&stream, serve_parts, NULL);
	reading_start(&reading, &stream, SR_NEVER);
	sr_http_body_close(stream.body);
	reading_wait(&reading, &stream);
	assert_int_equal(reading.status, -SR_ECANCEL);
	assert_int_equal(fixture_stats(&stream.fixture).open, 0);
	assert_int_equal(fixture_stats(&stream.fixture).calls, 1);
	sr_op_free(reading.op);
	stream_end(&stream);
}

static void closes_when_nobody_takes_the_body(void **state)
{
	struct stream stream;

	(void)state;
	stream_begin(&stream, serve_parts, NULL, (struct sr_http_request){0});
	assert_int_equal(fixture_stats(&stream.fixture).open, 1);
	exchange_end(&stream.exchange);
	assert_int_equal(fixture_stats(&stream.fixture).open, 0);
	stream_end(&stream);
}

struct answer {
	const char *text;
	bool drip, reset;
};

static void serve_answer(struct server *server, int fd, unsigned nth)
{
	const struct answer *answer = server_arg(server);

	(void)nth;
	if (!server_read(server, fd))
		return;
	if (answer->drip)
		server_drip(fd, answer->text, strlen(answer->text));
	else
		server_say(fd, answer->text);
	if (answer->reset) {
		server_wait(server);
		server_reset(fd);
	}
}

static void reads_every_kind_of_body(void **state)
{
	static const char *const texts[] = {
	    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	    "HTTP/1.1 200 OK\r\n\r\nhello",
	    CHUNKED "1\r\nh\r\n3;x=y\r\nell\r\n1\r\no\r\n0\r\nTrailer: x\r\n\r\n",
	    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof texts / sizeof texts[0]; i++) {
		struct answer answer = {texts[i / 2], i % 2, false};
		struct stream stream;

		stream_open(&stream, serve_answer, &answer);
		assert_next(&stream, "hello");
		assert_next(&stream, "");
		stream_close(&stream);
	}
}

static void reads_an_empty_body(void **state)
{
	struct answer answer = {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, false};
	struct stream stream;

	(void)state;
	stream_open(&stream, serve_answer, &answer);
	assert_next(&stream, "");
	stream_close(&stream);
}

struct broken {
	const char *text, *before;
	int code;
	const char *part;
};

static void tells_how_a_body_broke(void **state)
{
	static const struct broken cases[] = {
	    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "hello", SR_ECLOSED, "after 5 of 9 bytes"},
	    {CHUNKED "5\r\nhello\r\n", "hello", SR_ECLOSED, "after 5 bytes of a chunked body"},
	    {CHUNKED "5\r\nhello\r\nzz\r\n", "hello", SR_EPROTO, "malformed"},
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
		const struct broken *broken = &cases[i / 2];
		struct answer answer = {broken->text, i % 2, false};
		struct stream stream;

		stream_open(&stream, serve_answer, &answer);
		assert_fails(&stream, text, sizeof text, broken->code, broken->part);
		assert_string_equal(text, broken->before);
		assert_fails(&stream, text, sizeof text, broken->code, broken->part);
		assert_string_equal(text, "");
		stream_close(&stream);
	}
}

static void tells_of_a_reset(void **state)
{
	struct answer answer = {CHUNKED "5\r\nhello\r\n", false, true};
	struct stream stream;
	char text[64];

	(void)state;
	stream_open(&stream, serve_answer, &answer);
	assert_next(&stream, "hello");
	server_go(stream.server);
	assert_fails(&stream, text, sizeof text, SR_ECLOSED, "broke within the response");
	stream_close(&stream);
}

static void fails_before_the_body(void **state)
{
	struct answer answer = {"HTTP/1.1 200 OK\r\nContent-", false, false};
	struct stream stream;

	(void)state;
	stream_begin(&stream, serve_answer, &answer, (struct sr_http_request){0});
	assert_says(&stream.exchange, SR_ECLOSED, "in the middle of the response's headers");
	exchange_end(&stream.exchange);
	stream_end(&stream);
	answer.text = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: 2\r\nContent-Length: x\r\n\r\n";
	stream_begin(&stream, serve_answer, &answer, (struct sr_http_request){0});
	assert_says(&stream.exchange, SR_EPROTO, "not valid HTTP");
	exchange_end(&stream.exchange);
	stream_end(&stream);
	stream_begin(&stream, serve_answer, &answer, (struct sr_http_request){.max_redirects = 3});
	assert_says(&stream.exchange, SR_ENOTSUP, "cannot be streamed");
	exchange_end(&stream.exchange);
	stream_end(&stream);
}

static void holds_to_a_maximum(void **state)
{
	struct answer answer = {CHUNKED "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n", true, false};
	struct stream stream;
	char text[64];

	(void)state;
	stream_begin(&stream, serve_answer, &answer, (struct sr_http_request){.max_body = 7});
	stream_take(&stream);
	assert_fails(&stream, text, sizeof text, SR_ELIMIT, "more than the 7 bytes");
	assert_true(strlen(text) <= 7);
	stream_close(&stream);
}

/* What was sent until the client took no more for a while. */
struct flood {
	atomic_size_t sent;
	atomic_bool stuck;
	bool reset;
};

static void serve_flood(struct server *server, int fd, unsigned nth)
{
	struct flood *flood = server_arg(server);
	struct pollfd writable = {.fd = fd, .events = POLLOUT};
	static char block[16384];
	size_t sent = 0;
	ssize_t n;

	(void)nth;
	if (!server_read(server, fd))
		return;
	server_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 8388608\r\n\r\n");
	while (sent < BIG) {
		for (size_t i = 0; i < sizeof block; i++)
			block[i] = (char)((sent + i) % 251);
		n = send(fd, block, BIG - sent < sizeof block ? BIG - sent : sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			sent += (size_t)n;
			atomic_store(&flood->sent, sent);
		} else if (poll(&writable, 1, 100) == 0) {
			atomic_store(&flood->stuck, true);
			if (flood->reset) {
				server_wait(server);
				server_reset(fd);
				return;
			}
		} else if (writable.revents & (POLLERR | POLLHUP)) {
			return;
		}
	}
	atomic_store(&flood->stuck, true);
}

static bool flows(void *arg)
{
	return !atomic_load(&((struct flood *)arg)->stuck);
}

/* The server's thread does not wake the loop, which has nothing to do while it reads no more. */
static void flood_wait(struct flood *flood, struct stream *stream)
{
	int64_t end = sr_now() + 30 * SR_S;

	while (flows(flood) && sr_now() < end)
		sr_loop_run_while(stream->fixture.loop, flows, flood, sr_now() + 10 * SR_MS);
	assert_false(flows(flood));
}

static void holds_a_fast_server_back(void **state)
{
	struct flood flood = {0};
	struct stream stream;
	struct reading reading;
	const char *data;
	size_t n, got = 0;

	(void)state;
	stream_open(&stream, serve_flood, &flood);
	flood_wait(&flood, &stream);
	assert_true(atomic_load(&flood.sent) < BIG);
	for (;;) {
		reading_start(&reading, &stream, 20 * SR_S);
		reading_wait(&reading, &stream);
		assert_int_equal(reading.status, 0);
		if (!sr_http_body_next(stream.body, &data, &n))
			break;
		assert_true(n <= SR_HTTP_BODY_BUFFER);
		for (size_t i = 0; i < n; i++)
			if (data[i] != (char)((got + i) % 251))
				fail_msg("byte %zu is wrong", got + i);
		got += n;
		sr_op_free(reading.op);
	}
	sr_op_free(reading.op);
	assert_int_equal(got, BIG);
	stream_close(&stream);
}

static void closes_what_is_held_back(void **state)
{
	struct flood flood = {0};
	struct stream stream;

	(void)state;
	stream_open(&stream, serve_flood, &flood);
	flood_wait(&flood, &stream);
	stream_close(&stream);
}

static void tells_of_a_reset_while_held_back(void **state)
{
	struct flood flood = {.reset = true};
	struct stream stream;
	char *text = malloc(BIG);

	(void)state;
	stream_open(&stream, serve_flood, &flood);
	flood_wait(&flood, &stream);
	server_go(stream.server);
	assert_fails(&stream, text, BIG, SR_ECLOSED, "http://127.0.0.1");
	free(text);
	stream_close(&stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hands_over_what_has_come),
	    cmocka_unit_test(waits_for_a_read_no_longer_than_told),
	    cmocka_unit_test(closes_under_a_read),
	    cmocka_unit_test(closes_when_nobody_takes_the_body),
	    cmocka_unit_test(reads_every_kind_of_body),
	    cmocka_unit_test(reads_an_empty_body),
	    cmocka_unit_test(tells_how_a_body_broke),
	    cmocka_unit_test(tells_of_a_reset),
	    cmocka_unit_test(fails_before_the_body),
	    cmocka_unit_test(holds_to_a_maximum),
	    cmocka_unit_test(holds_a_fast_server_back),
	    cmocka_unit_test(closes_what_is_held_back),
	    cmocka_unit_test(tells_of_a_reset_while_held_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
