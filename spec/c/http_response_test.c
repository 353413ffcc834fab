/* What servers answer, well-formed or not: in one packet, and in packets of one byte. */
#include "http_fixture.h"
#include "http_server.h"

#include <stdio.h>
#include <stdlib.h>

struct answer {
	const char *text;
	size_t len;
	bool drip;
	bool hold; /* keep the connection open until the client closes */
};

static void serve_answer(struct server *server, int fd, unsigned nth)
{
	const struct answer *answer = server_arg(server);
	char byte;

	(void)nth;
	while (server_read(server, fd)) {
		if (answer->drip)
			server_drip(fd, answer->text, answer->len);
		else
			server_say_n(fd, answer->text, answer->len);
		if (!answer->hold)
			return;
	}
	server_say_n(fd, &byte, 0);
}

/* Starts a server with one answer, sends one request. */
struct run {
	struct fixture fixture;
	struct server *server;
	struct exchange exchange;
	struct answer answer;
};

static void run_open(struct run *run, const char *text, bool drip, bool hold, struct sr_http_request request)
{
	run->answer = (struct answer){text, strlen(text), drip, hold};
	run->server = server_start(serve_answer, &run->answer);
	fixture_open(&run->fixture, &(struct sr_http_options){.max_head = 4096});
	request.url = server_url(run->server);
	exchange_start(&run->exchange, &run->fixture, &request);
	exchange_wait(&run->exchange);
}

static void run_close(struct run *run)
{
	exchange_end(&run->exchange);
	fixture_close(&run->fixture);
	server_stop(run->server);
}

struct good {
	const char *method, *text;
	int status;
	const char *body;
	bool kept; /* the connection is used again */
};

static const struct good goods[] = {
    {NULL, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true},
    {NULL, "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true},
    {NULL, "\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true},
    {NULL, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 404, "", true},
    {NULL, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na;x=y\r\ndefghijklm\r\n0\r\n\r\n", 200,
     "abcdefghijklm", true},
    {NULL, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nTrailer: x\r\n\r\n", 200, "a", true},
    {NULL, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200, "", true},
    {NULL, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", 200, "ok", false},
    {NULL, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
    {NULL, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true},
    {NULL, "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true},
    {NULL, "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n", 304, "", true},
    {NULL, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok", 201, "ok", true},
    {NULL,
     "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
     "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
     200, "ok", true},
    {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", 200, "", true},
    {"HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, "", true},
    {NULL, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n", 200, "ok", false},
    {NULL, "HTTP/1.1 500 Oh\r\nX: \xc3\xa9\r\nContent-Length: 1\r\n\r\n!", 500, "!", true},
};

static bool none_open(const struct sr_http_stats *stats)
{
	return stats->open == 0;
}

static void check_good(const struct good *good, bool drip)
{
	struct sr_http_request request = {.method = good->method};
	struct run run;

	run_open(&run, good->text, drip, true, request);
	if (run.exchange.status != 0)
		fail_msg("%s: %s", good->text, exchange_text(&run.exchange));
	assert_int_equal(run.exchange.op->response.status, good->status);
	assert_body(&run.exchange, good->body);
	assert_memory_equal(run.exchange.op->response.head, "HTTP/1.", 7);
	assert_memory_equal(run.exchange.op->response.head + run.exchange.op->response.head_len - 4, "\r\n\r\n", 4);
	/* Surplus bytes that arrive later than the response close the connection when they arrive. */
	if (drip && !good->kept)
		fixture_until(&run.fixture, none_open);
	assert_int_equal(fixture_stats(&run.fixture).idle, good->kept ? 1 : 0);
	run_close(&run);
}

static void reads_good_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof goods / sizeof *goods; i++)
		check_good(&goods[i], false);
}

static void reads_good_answers_byte_by_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof goods / sizeof *goods; i++)
		check_good(&goods[i], true);
}

struct bad {
	const char *text;
	int code;
	const char *says;
};

/* The server closes after its answer. */
static const struct bad bads[] = {
    {"", SR_ECLOSED, "closed the connection without an answer"},
    {"H", SR_ECLOSED, "in the middle of the response's headers"},
    {"HTTP/1.1 200 OK\r\nContent-Le", SR_ECLOSED, "in the middle of the response's headers"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", SR_ECLOSED, "after 0 of 5 bytes"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", SR_ECLOSED, "after 3 of 5 bytes"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", SR_ECLOSED, "after 3 bytes of a chunked body"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", SR_ECLOSED, "after 5 bytes of a chunked"},
    {"HTTP/1.1 100 Continue\r\n\r\n", SR_ECLOSED, "without an answer"},
    {"SSH-2.0-OpenSSH_9\r\n", SR_EPROTO, "the server's answer \"S"},
    {"HTTP/3.0 200 OK\r\n\r\n", SR_EPROTO, "not valid HTTP"},
    {"HTTP/1.1 two OK\r\n\r\n", SR_EPROTO, "not valid HTTP"},
    {"HTTP/1.1 200 OK\r\nBad Header: x\r\n\r\n", SR_EPROTO, "not valid HTTP"},
    {"HTTP/1.1 200 OK\r\n\x01: x\r\n\r\n", SR_EPROTO, "not valid HTTP"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello", SR_EPROTO, "not valid HTTP"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", SR_EPROTO, "not valid HTTP"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", SR_EPROTO, "not valid HTTP"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", SR_EPROTO, "the server's body is malformed"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n", SR_EPROTO, "body is malformed"},
    {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", SR_EPROTO,
     "switched protocols"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", SR_ELIMIT, "max_body allows 100"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n"
     "12345678901234567890123456789012345678901234567890"
     "123456789012345678901234567890123456789012345678901\r\n0\r\n\r\n",
     SR_ELIMIT, "more than the 100 bytes"},
};

static void check_bad(const struct bad *bad, bool drip)
{
	struct sr_http_request request = {.max_body = 100};
	struct run run;

	run_open(&run, bad->text, drip, false, request);
	if (run.exchange.status != -bad->code)
		print_message("%s\n", bad->text);
	assert_says(&run.exchange, bad->code, bad->says);
	assert_says(&run.exchange, bad->code, server_url(run.server));
	assert_int_equal(fixture_stats(&run.fixture).open, 0);
	assert_int_equal(server_requests(run.server), 1);
	run_close(&run);
}

static void refuses_bad_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
		check_bad(&bads[i], false);
		check_bad(&bads[i], true);
	}
}

static void reads_until_the_connection_closes(void **state)
{
	struct run run;

	(void)state;
	run_open(&run, "HTTP/1.1 200 OK\r\n\r\nall of it", true, false, (struct sr_http_request){0});
	assert_body(&run.exchange, "all of it");
	assert_int_equal(fixture_stats(&run.fixture).open, 0);
	run_close(&run);
}

static void limits_the_headers(void **state)
{
	char *text = malloc(8192);
	struct run run;

	(void)state;
	strcpy(text, "HTTP/1.1 200 OK\r\nX: ");
	memset(text + strlen(text), 'x', 5000);
	strcpy(text + 5020, "\r\nContent-Length: 0\r\n\r\n");
	for (int drip = 0; drip < 2; drip++) {
		run_open(&run, text, drip, true, (struct sr_http_request){0});
		assert_says(&run.exchange, SR_ELIMIT, "headers are longer than 4096 bytes");
		run_close(&run);
	}
	/* Endless interim responses are no way around it. */
	text[0] = '\0';
	while (strlen(text) < 5000)
		strcat(text, "HTTP/1.1 100 Continue\r\n\r\n");
	run_open(&run, text, false, true, (struct sr_http_request){0});
	assert_says(&run.exchange, SR_ELIMIT, "headers are longer than 4096 bytes");
	run_close(&run);
	free(text);
}

/* Larger than any buffer at its start, in one piece and in many chunks. */
static void reads_large_bodies(void **state)
{
	size_t size = 3 << 20, len;
	char *text = malloc(2 * size);
	struct run run;

	(void)state;
	len = (size_t)sprintf(text, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", size);
	for (size_t i = 0; i < size; i++)
		text[len + i] = (char)('a' + i % 26);
	text[len + size] = '\0';
	run_open(&run, text, false, true, (struct sr_http_request){0});
	assert_int_equal(run.exchange.status, 0);
	assert_int_equal(run.exchange.op->response.body_len, size);
	assert_memory_equal(run.exchange.op->response.body, text + len, size);
	assert_int_equal(fixture_stats(&run.fixture).idle, 1);
	run_close(&run);

	len = (size_t)sprintf(text, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (size_t i = 0; i < size; i += 1000) {
		len += (size_t)sprintf(text + len, "3e8\r\n");
		for (size_t j = i; j < i + 1000; j++)
			text[len++] = (char)('a' + j % 26);
		len += (size_t)sprintf(text + len, "\r\n");
	}
	sprintf(text + len, "0\r\n\r\n");
	run_open(&run, text, false, true, (struct sr_http_request){0});
	assert_int_equal(run.exchange.status, 0);
	assert_int_equal(run.exchange.op->response.body_len, (size + 999) / 1000 * 1000);
	for (size_t i = 0; i < size; i++)
		if (run.exchange.op->response.body[i] != (char)('a' + i % 26))
			fail_msg("byte %zu", i);
	run_close(&run);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_good_answers),  cmocka_unit_test(reads_good_answers_byte_by_byte),
	    cmocka_unit_test(refuses_bad_answers), cmocka_unit_test(reads_until_the_connection_closes),
	    cmocka_unit_test(limits_the_headers),  cmocka_unit_test(reads_large_bodies),
	};

	return cmocka_run_group_tests_name("http_response", tests, NULL, NULL);
}
