/* The libcurl transport: redirects, compressed bodies, proxies, and that it keeps the same promises. */
#include "http_fixture.h"
#include "http_server.h"

#include <stdio.h>
#include <stdlib.h>

/* "hello hello hello hello\n" */
static const unsigned char gzipped[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
					0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x27, 0xb9,
					0x00, 0x00, 0x88, 0x59, 0x0b, 0x18, 0x00, 0x00, 0x00};

static void serve_paths(struct server *server, int fd, unsigned nth)
{
	char text[4096], location[128];

	(void)nth;
	while (server_read(server, fd)) {
		int status, hops;

		server_last(server, text, sizeof text);
		if (sscanf(text, "%*s /hop/%d/%d", &status, &hops) == 2 && hops > 0) {
			snprintf(location, sizeof location,
				 "HTTP/1.1 %d Go\r\nLocation: /hop/%d/%d\r\nContent-Length: 4\r\n\r\ngone", status,
				 status, hops - 1);
			server_say(fd, location);
		} else if (strstr(text, " /gzip ")) {
			snprintf(text, sizeof text,
				 "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
				 sizeof gzipped);
			server_say(fd, text);
			server_say_n(fd, gzipped, sizeof gzipped);
		} else if (strstr(text, " /hold ")) {
			server_wait(server);
		} else if (strstr(text, " /cut ")) {
			server_say(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\ncut");
			return;
		} else if (strstr(text, " /leave ")) {
			return;
		} else {
			server_say(fd, SERVER_OK);
		}
	}
}

static void start(struct exchange *exchange, struct fixture *fixture, struct server *server, const char *path,
		  struct sr_http_request request)
{
	char url[128];

	snprintf(url, sizeof url, "%s%s", server_url(server), path);
	request.url = url;
	exchange_start(exchange, fixture, &request);
}

static void run(struct exchange *exchange, struct fixture *fixture, struct server *server, const char *path,
		struct sr_http_request request)
{
	start(exchange, fixture, server, path, request);
	exchange_wait(exchange);
}

static void follows_redirects(void **state)
{
	struct server *server = server_start(serve_paths, NULL);
	struct sr_http_request request = {.max_redirects = 3};
	struct fixture fixture;
	struct exchange exchange;
	char last[1024];

	(void)state;
	fixture_open(&fixture, NULL);
	run(&exchange, &fixture, server, "/hop/302/3", request);
	assert_body(&exchange, "ok");
	assert_int_equal(exchange.op->response.status, 200);
	assert_int_equal(exchange.op->response.redirects, 3);
	assert_non_null(strstr(exchange.op->response.final_url, "/hop/302/0"));
	assert_memory_equal(exchange.op->response.head, "HTTP/1.1 200 OK\r\n", 17);
	assert_int_equal(exchange.op->response.head_len, strlen(SERVER_OK) - 2);
	exchange_end(&exchange);
	assert_int_equal(server_requests(server), 4);

	run(&exchange, &fixture, server, "/hop/302/4", request);
	assert_says(&exchange, SR_ELIMIT, "redirects");
	exchange_end(&exchange);

	/* Not asked for: a response like any other. */
	run(&exchange, &fixture, server, "/hop/302/1", (struct sr_http_request){0});
	assert_body(&exchange, "gone");
	assert_int_equal(exchange.op->response.status, 302);
	assert_null(exchange.op->response.final_url);
	exchange_end(&exchange);

	request.method = "PUT";
	request.body = "data";
	request.body_len = 4;
	run(&exchange, &fixture, server, "/hop/307/1", request);
	assert_body(&exchange, "ok");
	exchange_end(&exchange);
	server_last(server, last, sizeof last);
	assert_memory_equal(last, "PUT /hop/307/0 ", 15);
	assert_string_equal(last + strlen(last) - 4, "data");
	run(&exchange, &fixture, server, "/hop/302/1", request);
	exchange_end(&exchange);
	server_last(server, last, sizeof last);
	assert_memory_equal(last, "PUT /hop/302/0 ", 15);
	run(&exchange, &fixture, server, "/hop/303/1", request);
	exchange_end(&exchange);
	server_last(server, last, sizeof last);
	assert_memory_equal(last, "GET /hop/303/0 ", 15);
	request.method = "POST";
	run(&exchange, &fixture, server, "/hop/302/1", request);
	exchange_end(&exchange);
	server_last(server, last, sizeof last);
	assert_memory_equal(last, "GET /hop/302/0 ", 15);
	fixture_close(&fixture);
	server_stop(server);
}

static void decompresses(void **state)
{
	struct server *server = server_start(serve_paths, NULL);
	struct sr_http_request request = {.compressed = true};
	struct fixture fixture;
	struct exchange exchange;
	char last[1024];

	(void)state;
	fixture_open(&fixture, NULL);
	run(&exchange, &fixture, server, "/gzip", request);
	assert_body(&exchange, "hello hello hello hello\n");
	exchange_end(&exchange);
	server_last(server, last, sizeof last);
	assert_non_null(strstr(last, "Accept-Encoding: deflate, gzip"));

	request.max_body = 10;
	run(&exchange, &fixture, server, "/gzip", request);
	assert_says(&exchange, SR_ELIMIT, "max_body");
	exchange_end(&exchange);

	/* Not asked for: as it came. */
	run(&exchange, &fixture, server, "/gzip", (struct sr_http_request){0});
	assert_int_equal(exchange.op->response.body_len, sizeof gzipped);
	exchange_end(&exchange);
	fixture_close(&fixture);
	server_stop(server);
}

static void sends_the_same_request(void **state)
{
	struct server *server = server_start(serve_paths, NULL);
	const struct sr_http_header headers[] = {{"X-One", "1", 5, 1}, {"Empty", "", 5, 0}, {"Accept", "x/y", 6, 3}};
	struct sr_http_request request = {.headers = headers, .header_count = 3, .method = "POST"};
	struct fixture fixture;
	struct exchange exchange;
	char direct[1024], multi[1024];
	static const char *const lines[] = {"POST /x HTTP/1.1\r\n",      "\r\nHost: ",  "\r\nUser-Agent: scalerun/",
					    "\r\nX-One: 1\r\n",          "\r\nEmpty:",  "\r\nAccept: x/y\r\n",
					    "\r\nContent-Length: 4\r\n", "\r\n\r\nbody"};

	(void)state;
	fixture_open(&fixture, NULL);
	request.body = "body";
	request.body_len = 4;
	for (int i = 0; i < 2; i++) {
		request.compressed = i == 1;
		run(&exchange, &fixture, server, "/x", request);
		assert_body(&exchange, "ok");
		exchange_end(&exchange);
		server_last(server, i ? multi : direct, 1024);
		for (size_t j = 0; j < sizeof lines / sizeof *lines; j++)
			if (!strstr(i ? multi : direct, lines[j]))
				fail_msg("no %s in %s", lines[j], i ? multi : direct);
	}
	assert_null(strstr(multi, "Content-Type"));
	assert_null(strstr(multi, "Expect"));
	fixture_close(&fixture);
	server_stop(server);
}

static void never_sends_twice(void **state)
{
	struct server *server = server_start(serve_paths, NULL);
	struct sr_http_request request = {.compressed = true};
	struct fixture fixture;
	struct exchange exchange;

	(void)state;
	fixture_open(&fixture, NULL);
	run(&exchange, &fixture, server, "/", request);
	assert_body(&exchange, "ok");
	assert_false(exchange.op->response.reused);
	exchange_end(&exchange);
	run(&exchange, &fixture, server, "/", request);
	assert_true(exchange.op->response.reused);
	exchange_end(&exchange);
	/* The kept connection is closed after the request was read: libcurl alone would send it again. */
	run(&exchange, &fixture, server, "/leave", request);
	assert_says(&exchange, SR_ECLOSED, "the request was not sent again");
	exchange_end(&exchange);
	assert_int_equal(server_requests(server), 3);
	/* On a new connection. */
	run(&exchange, &fixture, server, "/leave", request);
	assert_int_equal(exchange.status, -SR_ECLOSED);
	exchange_end(&exchange);
	assert_int_equal(server_requests(server), 4);
	run(&exchange, &fixture, server, "/cut", request);
	assert_int_equal(exchange.status, -SR_ECLOSED);
	exchange_end(&exchange);
	fixture_close(&fixture);
	server_stop(server);
}

static bool not_asked(void *arg)
{
	return server_requests(arg) == 0;
}

static void ends_early(void **state)
{
	struct sr_http_request request = {.compressed = true};

	(void)state;
	for (int by_deadline = 0; by_deadline < 2; by_deadline++) {
		struct server *server = server_start(serve_paths, NULL);
		struct fixture fixture;
		struct exchange exchange;

		fixture_open(&fixture, NULL);
		start(&exchange, &fixture, server, "/hold", request);
		sr_loop_run_while(fixture.loop, not_asked, server, sr_now() + 20 * SR_S);
		assert_int_equal(exchange.calls, 0);
		if (by_deadline)
			sr_timer_start(&exchange.op->op.timer, sr_now());
		else
			sr_op_cancel(&exchange.op->op);
		assert_int_equal(exchange.calls, 0);
		exchange_wait(&exchange);
		assert_says(&exchange, by_deadline ? SR_ETIMEOUT : SR_ECANCEL, server_url(server));
		exchange_end(&exchange);
		run(&exchange, &fixture, server, "/", request);
		assert_body(&exchange, "ok");
		exchange_end(&exchange);
		fixture_close(&fixture);
		server_stop(server);
	}
}

static void speaks_through_a_proxy(void **state)
{
	struct server *proxy = server_start(serve_paths, NULL);
	struct sr_http_request request = {.url = "http://some.name.invalid/x", .proxy = server_url(proxy)};
	struct fixture fixture;
	struct exchange exchange;
	char last[1024];

	(void)state;
	fixture_open(&fixture, NULL);
	exchange_start(&exchange, &fixture, &request);
	exchange_wait(&exchange);
	assert_body(&exchange, "ok");
	exchange_end(&exchange);
	server_last(proxy, last, sizeof last);
	assert_memory_equal(last, "GET http://some.name.invalid/x HTTP/1.1\r\n", 41);
	server_stop(proxy);

	/* No proxy but that of the request. */
	setenv("http_proxy", "http://127.0.0.1:9", 1);
	proxy = server_start(serve_paths, NULL);
	for (int i = 0; i < 2; i++) {
		run(&exchange, &fixture, proxy, "/", (struct sr_http_request){.compressed = i == 1});
		assert_body(&exchange, "ok");
		exchange_end(&exchange);
	}
	unsetenv("http_proxy");
	fixture_close(&fixture);
	server_stop(proxy);
}

static void reads_heads_and_nothing(void **state)
{
	struct server *server = server_start(serve_paths, NULL);
	struct sr_http_request request = {.compressed = true, .method = "HEAD"};
	struct fixture fixture;
	struct exchange exchange;
	char last[1024];

	(void)state;
	fixture_open(&fixture, NULL);
	run(&exchange, &fixture, server, "/cut", request);
	assert_body(&exchange, "");
	assert_int_equal(exchange.op->response.status, 200);
	exchange_end(&exchange);
	request.method = "DELETE";
	run(&exchange, &fixture, server, "/x", request);
	assert_body(&exchange, "ok");
	exchange_end(&exchange);
	server_last(server, last, sizeof last);
	assert_memory_equal(last, "DELETE /x HTTP/1.1\r\n", 20);
	fixture_close(&fixture);
	server_stop(server);
}

static void tells_where_it_cannot_connect(void **state)
{
	struct server *server = server_start(serve_paths, NULL);
	struct sr_http_request request = {.compressed = true};
	struct fixture fixture;
	struct exchange exchange;
	char url[64];

	(void)state;
	fixture_open(&fixture, NULL);
	snprintf(url, sizeof url, "%s/x", server_url(server));
	server_stop(server);
	request.url = url;
	exchange_start(&exchange, &fixture, &request);
	exchange_wait(&exchange);
	assert_says(&exchange, SR_ECONNECT, "Connection refused");
	exchange_end(&exchange);
	fixture_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(follows_redirects),
	    cmocka_unit_test(decompresses),
	    cmocka_unit_test(sends_the_same_request),
	    cmocka_unit_test(never_sends_twice),
	    cmocka_unit_test(ends_early),
	    cmocka_unit_test(speaks_through_a_proxy),
	    cmocka_unit_test(reads_heads_and_nothing),
	    cmocka_unit_test(tells_where_it_cannot_connect),
	};

	return cmocka_run_group_tests_name("http_multi", tests, NULL, NULL);
}
