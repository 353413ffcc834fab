/* What is sent, where to, and that it is sent once. */
#include "http_fixture.h"
#include "http_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void two_spellings_are_one_origin(void **state)
{
	struct server *server = server_start(server_serve_ok, NULL);
	struct fixture fixture;
	struct exchange exchange;
	static const char *const spellings[] = {"http://127.0.0.1:%d/", "HTTP://127.0.0.1:%d",
						"http://me:secret@127.0.0.1:%d/"};
	char url[64], last[512];

	(void)state;
	fixture_open(&fixture, NULL);
	for (size_t i = 0; i < 3; i++) {
		snprintf(url, sizeof url, spellings[i], server_port(server));
		exchange_start(&exchange, &fixture, &(struct sr_http_request){.url = url});
		exchange_wait(&exchange);
		assert_body(&exchange, "ok");
		exchange_end(&exchange);
	}
	assert_int_equal(server_connections(server), 1);
	server_last(server, last, sizeof last);
	assert_non_null(strstr(last, "\r\nAuthorization: Basic bWU6c2VjcmV0\r\n"));
	fixture_close(&fixture);
	server_stop(server);
}

static void sends_what_was_asked(void **state)
{
	struct server *server = server_start(server_serve_ok, NULL);
	const struct sr_http_header headers[] = {{"X-One", "1", 5, 1}, {"Empty", "", 5, 0}, {"X-One", "two", 5, 3}};
	struct sr_http_request request = {.method = "POST", .headers = headers, .header_count = 3};
	struct fixture fixture;
	struct exchange exchange;
	char url[64], last[1024], expected[1024];

	(void)state;
	fixture_open(&fixture, NULL);
	snprintf(url, sizeof url, "%s?q=1#part", server_url(server));
	request.url = url;
	request.body = "body";
	request.body_len = 4;
	exchange_start(&exchange, &fixture, &request);
	exchange_wait(&exchange);
	exchange_end(&exchange);
	server_last(server, last, sizeof last);
	snprintf(expected, sizeof expected,
		 "POST /?q=1 HTTP/1.1\r\nHost: %s\r\nUser-Agent: scalerun/" SCALERUN_VERSION
		 "\r\nX-One: 1\r\nEmpty: \r\nX-One: two\r\nContent-Length: 4\r\n\r\nbody",
		 server_url(server) + 7);
	assert_string_equal(last, expected);

	/* The script's own Host and User-Agent; a POST without a body has length 0. */
	request.headers = (const struct sr_http_header[]){{"host", "me", 4, 2}, {"user-agent", "x", 10, 1}};
	request.header_count = 2;
	request.body = NULL;
	exchange_start(&exchange, &fixture, &request);
	exchange_wait(&exchange);
	exchange_end(&exchange);
	server_last(server, last, sizeof last);
	assert_string_equal(last, "POST /?q=1 HTTP/1.1\r\nhost: me\r\nuser-agent: x\r\nContent-Length: 0\r\n\r\n");
	fixture_close(&fixture);
	server_stop(server);
}

static void refuses_bad_requests(void **state)
{
	static const struct sr_http_header bad_headers[] = {
	    {"X", "a\r\nY: b", 1, 7},
	    {"X", "a\nb", 1, 3},
	    {"X", "a\0b", 1, 3},
	    {"X\r\nY", "a", 4, 1},
	    {"X Y", "a", 3, 1},
	    {"", "a", 0, 1},
	    {"X:", "a", 2, 1},
	    {"X\0", "a", 2, 1},
	    {"X", "a\rb", 1, 3},
	    {"X", "\x7f", 1, 1},
	    {"Content-Length", "5", 14, 1},
	    {"transfer-encoding", "chunked", 17, 7},
	};
	static const char *const bad_urls[] = {"",
					       "nowhere",
					       "ftp://x/",
					       "http://",
					       "http://127.0.0.1:99999/",
					       "http://127.0.0.1/a b",
					       "http://127.0.0.1/\r\nX: y"};
	static const char *const bad_methods[] = {"", "GET /", "G\r\n", "CONNECT", "AVERYLONGMETHODTHATNOBODYKNOWS"};
	struct fixture fixture;
	struct exchange exchange;

	(void)state;
	fixture_open(&fixture, NULL);
	for (size_t i = 0; i < sizeof bad_headers / sizeof *bad_headers; i++) {
		exchange_start(&exchange, &fixture,
			       &(struct sr_http_request){
				   .url = "http://127.0.0.1:9/", .headers = &bad_headers[i], .header_count = 1});
		exchange_wait(&exchange);
		assert_says(&exchange, SR_EINVAL, "header");
		exchange_end(&exchange);
	}
	for (size_t i = 0; i < sizeof bad_urls / sizeof *bad_urls; i++) {
		exchange_start(&exchange, &fixture, &(struct sr_http_request){.url = bad_urls[i]});
		exchange_wait(&exchange);
		assert_says(&exchange, SR_EINVAL, "URL");
		exchange_end(&exchange);
	}
	for (size_t i = 0; i < sizeof bad_methods / sizeof *bad_methods; i++) {
		exchange_start(&exchange, &fixture,
			       &(struct sr_http_request){.url = "http://127.0.0.1:9/", .method = bad_methods[i]});
		exchange_wait(&exchange);
		assert_int_equal(exchange.status, -SR_EINVAL);
		exchange_end(&exchange);
	}
	assert_int_equal(fixture_stats(&fixture).dialled, 0);
	fixture_close(&fixture);
}

/* Reads the second request of a connection and closes without an answer. */
static void serve_one_of_two(struct server *server, int fd, unsigned nth)
{
	(void)nth;
	server_read(server, fd);
	server_say(fd, SERVER_OK);
	server_read(server, fd);
}

static void never_sends_twice(void **state)
{
	struct server *server = server_start(serve_one_of_two, NULL);
	struct fixture fixture;
	struct exchange exchange;

	(void)state;
	fixture_open(&fixture, NULL);
	exchange_get(&exchange, &fixture, server_url(server), "/");
	exchange_wait(&exchange);
	exchange_end(&exchange);
	exchange_get(&exchange, &fixture, server_url(server), "/");
	exchange_wait(&exchange);
	assert_says(&exchange, SR_ECLOSED, "the request was not sent again");
	exchange_end(&exchange);
	assert_int_equal(server_requests(server), 2);
	assert_int_equal(server_connections(server), 1);
	fixture_close(&fixture);
	server_stop(server);
}

static void serve_reset(struct server *server, int fd, unsigned nth)
{
	(void)nth;
	server_read(server, fd);
	server_reset(fd);
}

static void survives_a_reset(void **state)
{
	struct server *server = server_start(serve_reset, NULL);
	struct fixture fixture;
	struct exchange exchange;

	(void)state;
	fixture_open(&fixture, NULL);
	exchange_get(&exchange, &fixture, server_url(server), "/");
	exchange_wait(&exchange);
	assert_says(&exchange, SR_ECLOSED, "without an answer");
	exchange_end(&exchange);
	assert_int_equal(fixture_stats(&fixture).open, 0);
	fixture_close(&fixture);
	server_stop(server);
}

/* Answers before it has read the body, as servers do that refuse it. The response is not lost. */
static void serve_early(struct server *server, int fd, unsigned nth)
{
	(void)nth;
	server_say(fd, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
	server_wait(server);
}

static void takes_an_early_answer(void **state)
{
	struct server *server = server_start(serve_early, NULL);
	char *body = calloc(1, 32 << 20);
	struct sr_http_request request = {.method = "PUT", .body = body, .body_len = 32 << 20};
	struct fixture fixture;
	struct exchange exchange;

	(void)state;
	fixture_open(&fixture, NULL);
	request.url = server_url(server);
	exchange_start(&exchange, &fixture, &request);
	exchange_wait(&exchange);
	assert_body(&exchange, "big");
	assert_int_equal(exchange.op->response.status, 413);
	assert_int_equal(fixture_stats(&fixture).open, 0);
	exchange_end(&exchange);
	fixture_close(&fixture);
	server_stop(server);
	free(body);
}

static void sends_large_bodies(void **state)
{
	struct server *server = server_start(server_serve_ok, NULL);
	size_t size = 200 << 10;
	char *body = malloc(size), *last = malloc(size * 2);
	struct sr_http_request request = {.method = "PUT", .body = body, .body_len = size};
	struct fixture fixture;
	struct exchange exchange;

	(void)state;
	for (size_t i = 0; i < size; i++)
		body[i] = (char)('a' + i % 26);
	fixture_open(&fixture, NULL);
	request.url = server_url(server);
	for (int i = 0; i < 2; i++) {
		exchange_start(&exchange, &fixture, &request);
		exchange_wait(&exchange);
		assert_body(&exchange, "ok");
		exchange_end(&exchange);
		server_last(server, last, size * 2);
		assert_memory_equal(strstr(last, "\r\n\r\n") + 4, body, size);
	}
	assert_int_equal(server_connections(server), 1);
	fixture_close(&fixture);
	server_stop(server);
	free(body);
	free(last);
}

static void says_close_when_asked(void **state)
{
	struct server *server = server_start(server_serve_ok, NULL);
	const struct sr_http_header header = {"Connection", "close", 10, 5};
	struct sr_http_request request = {.headers = &header, .header_count = 1};
	struct fixture fixture;
	struct exchange exchange;

	(void)state;
	fixture_open(&fixture, NULL);
	request.url = server_url(server);
	exchange_start(&exchange, &fixture, &request);
	exchange_wait(&exchange);
	assert_body(&exchange, "ok");
	assert_int_equal(fixture_stats(&fixture).open, 0);
	exchange_end(&exchange);
	fixture_close(&fixture);
	server_stop(server);
}

static void tells_where_it_cannot_connect(void **state)
{
	struct server *server = server_start(server_serve_ok, NULL);
	struct fixture fixture;
	struct exchange exchange;
	char url[64], folder[] = "/tmp/sr-http-XXXXXX", path[64];

	(void)state;
	fixture_open(&fixture, NULL);
	snprintf(url, sizeof url, "http://me:secret@127.0.0.1:%d/x", server_port(server));
	server_stop(server);
	exchange_start(&exchange, &fixture, &(struct sr_http_request){.url = url});
	exchange_wait(&exchange);
	assert_says(&exchange, SR_ECONNECT, "Connection refused");
	assert_non_null(strstr(exchange_text(&exchange), "GET http://127.0.0.1:"));
	assert_null(strstr(exchange_text(&exchange), "secret"));
	assert_string_equal(exchange.op->op.err.detail, "ECONNREFUSED");
	exchange_end(&exchange);

	exchange_start(&exchange, &fixture, &(struct sr_http_request){.url = "http://no-such-host.invalid/"});
	exchange_wait(&exchange);
	assert_says(&exchange, SR_EDNS, "no-such-host.invalid");
	exchange_end(&exchange);

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/none.sock", folder);
	exchange_start(&exchange, &fixture, &(struct sr_http_request){.url = "http://localhost/", .unix_socket = path});
	exchange_wait(&exchange);
	assert_says(&exchange, SR_ECONNECT, path);
	exchange_end(&exchange);
	rmdir(folder);
	assert_int_equal(fixture_stats(&fixture).open, 0);
	fixture_close(&fixture);
}

static void speaks_over_unix_sockets(void **state)
{
	char folder[] = "/tmp/sr-http-XXXXXX", path[64], last[256];
	struct fixture fixture;
	struct exchange exchange;
	struct server *server;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/server.sock", folder);
	server = server_start_unix(server_serve_ok, NULL, path);
	fixture_open(&fixture, NULL);
	for (int i = 0; i < 2; i++) {
		exchange_start(&exchange, &fixture,
			       &(struct sr_http_request){.url = "http://some.name/x", .unix_socket = path});
		exchange_wait(&exchange);
		assert_body(&exchange, "ok");
		assert_int_equal(exchange.op->response.reused, i == 1);
		exchange_end(&exchange);
	}
	server_last(server, last, sizeof last);
	assert_non_null(strstr(last, "GET /x HTTP/1.1\r\nHost: some.name\r\n"));
	fixture_close(&fixture);
	server_stop(server);
	unlink(path);
	rmdir(folder);
}

/* More hosts than the site cache has places. */
static void knows_many_origins(void **state)
{
	struct server *server = server_start(server_serve_ok, NULL);
	struct fixture fixture;
	struct exchange exchange;
	char url[64];

	(void)state;
	fixture_open(&fixture, &(struct sr_http_options){.idle_timeout = 10 * SR_MS});
	for (int i = 0; i < 400; i++) {
		snprintf(url, sizeof url, "http://127.0.%d.%d:%d/", i / 200, 1 + i % 200, server_port(server));
		exchange_start(&exchange, &fixture, &(struct sr_http_request){.url = url});
		exchange_wait(&exchange);
		/* The server listens on 127.0.0.1 alone. */
		if (i == 0)
			assert_body(&exchange, "ok");
		else
			assert_int_equal(exchange.status, -SR_ECONNECT);
		exchange_end(&exchange);
	}
	fixture_close(&fixture);
	server_stop(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_spellings_are_one_origin),
	    cmocka_unit_test(sends_what_was_asked),
	    cmocka_unit_test(refuses_bad_requests),
	    cmocka_unit_test(never_sends_twice),
	    cmocka_unit_test(survives_a_reset),
	    cmocka_unit_test(takes_an_early_answer),
	    cmocka_unit_test(sends_large_bodies),
	    cmocka_unit_test(says_close_when_asked),
	    cmocka_unit_test(tells_where_it_cannot_connect),
	    cmocka_unit_test(speaks_over_unix_sockets),
	    cmocka_unit_test(knows_many_origins),
	};

	return cmocka_run_group_tests_name("http_request", tests, NULL, NULL);
}
