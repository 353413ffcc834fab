/* Connections: kept, shared, queued for, lost, and given up in every state. */
#include "http_fixture.h"
#include "http_server.h"
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Each answer is held back until the test says so. */
static void serve_held(struct server *server, int fd, unsigned nth)
{
	(void)nth;
	while (server_read(server, fd)) {
		server_wait(server);
		server_say(fd, SERVER_OK);
	}
}

static void serve_nothing(struct server *server, int fd, unsigned nth)
{
	(void)nth;
	(void)fd;
	server_wait(server);
}

/* Half an answer. */
static void serve_half(struct server *server, int fd, unsigned nth)
{
	(void)nth;
	server_read(server, fd);
	server_say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
	server_wait(server);
}

static void reuses_connections(void **state)
{
	struct server *server = server_start(server_serve_ok, NULL);
	struct fixture fixture;
	struct exchange exchange;

	(void)state;
	fixture_open(&fixture, NULL);
	for (int i = 0; i < 50; i++) {
		exchange_get(&exchange, &fixture, server_url(server), i % 2 ? "/a" : "");
		exchange_wait(&exchange);
		assert_body(&exchange, "ok");
		assert_int_equal(exchange.op->response.reused, i > 0);
		assert_int_equal(exchange.op->response.version, 11);
		assert_true(exchange.op->response.timings.total > 0);
		assert_true(exchange.op->response.timings.first_byte > 0);
		assert_int_equal(exchange.op->response.timings.connect > 0, i == 0);
		exchange_end(&exchange);
	}
	assert_int_equal(server_connections(server), 1);
	assert_int_equal(fixture_stats(&fixture).dialled, 1);
	assert_int_equal(fixture_stats(&fixture).reused, 49);
	fixture_close(&fixture);
	server_stop(server);
}

#define MANY 12

static void queues_in_order_at_the_limit(void **state)
{
	struct server *server = server_start(serve_held, NULL);
	struct fixture fixture;
	struct exchange exchanges[MANY];

	(void)state;
	fixture_open(&fixture, &(struct sr_http_options){.max_connections = 1});
	for (int i = 0; i < MANY; i++)
		exchange_get(&exchanges[i], &fixture, server_url(server), "/");
	assert_int_equal(fixture_stats(&fixture).waiting, MANY - 1);
	for (int i = 0; i < MANY; i++)
		server_go(server);
	for (int i = 0; i < MANY; i++) {
		exchange_wait(&exchanges[i]);
		assert_body(&exchanges[i], "ok");
		assert_int_equal(exchanges[i].nth, i + 1);
		assert_int_equal(exchanges[i].op->response.timings.wait > 0, 1);
		exchange_end(&exchanges[i]);
	}
	assert_int_equal(server_connections(server), 1);
	fixture_close(&fixture);
	server_stop(server);
}

static bool two_wait_and_two_open(const struct sr_http_stats *stats)
{
	return stats->waiting == 2 && stats->open == 2;
}

static bool server_has_two(void *arg)
{
	return server_requests(arg) < 2;
}

static void holds_the_limit(void **state)
{
	struct server *server = server_start(serve_held, NULL);
	struct fixture fixture;
	struct exchange exchanges[4];

	(void)state;
	fixture_open(&fixture, &(struct sr_http_options){.max_connections = 2});
	for (int i = 0; i < 4; i++)
		exchange_get(&exchanges[i], &fixture, server_url(server), "/");
	fixture_until(&fixture, two_wait_and_two_open);
	assert_int_equal(sr_loop_run_while(fixture.loop, server_has_two, server, sr_now() + 20 * SR_S), 0);
	assert_int_equal(server_connections(server), 2);
	/* One in the queue gives up; the others are served all the same. */
	sr_op_cancel(&exchanges[2].op->op);
	exchange_wait(&exchanges[2]);
	assert_says(&exchanges[2], SR_ECANCEL, "while waiting for one of the 2 connections");
	for (int i = 0; i < 3; i++)
		server_go(server);
	for (int i = 0; i < 4; i++) {
		if (i != 2)
			exchange_wait(&exchanges[i]);
		exchange_end(&exchanges[i]);
	}
	assert_int_equal(server_connections(server), 2);
	assert_int_equal(fixture_stats(&fixture).idle, 2);
	fixture_close(&fixture);
	server_stop(server);
}

/* A connection that ends makes room for a new one, which serves the queue. */
static void dials_again_for_the_queue(void **state)
{
	struct server *server = server_start(serve_half, NULL);
	struct fixture fixture;
	struct exchange exchanges[3];

	(void)state;
	fixture_open(&fixture, &(struct sr_http_options){.max_connections = 1});
	for (int i = 0; i < 3; i++)
		exchange_get(&exchanges[i], &fixture, server_url(server), "/");
	for (int i = 0; i < 3; i++) {
		server_go(server);
		exchange_wait(&exchanges[i]);
		assert_says(&exchanges[i], SR_ECLOSED, "after 4 of 10 bytes");
		exchange_end(&exchanges[i]);
	}
	assert_int_equal(server_connections(server), 3);
	fixture_close(&fixture);
	server_stop(server);
}

/* How far a request has got, read from the engine's own notes. */
enum stage { CONNECTING, SENDING, WAITING, READING };

struct progress {
	const struct sr_http_call *call;
	enum stage stage;
};

static bool not_yet(void *arg)
{
	const struct progress *progress = arg;
	const struct sr_http_call *call = progress->call;
	const struct sr_http_conn *conn = call->conn;

	switch (progress->stage) {
	case CONNECTING:
		return !(conn && conn->state == SR_HTTP_DIALLING && conn->drive.watches);
	case SENDING:
		return !(conn && conn->watches_writing && call->sent > 0);
	case WAITING:
		return !(call->sending && call->sent == call->out.len && call->first_byte == 0);
	case READING:
		return !(call->first_byte && call->body_end > call->head_len);
	}
	return false;
}

static void expect_end(struct fixture *fixture, struct sr_http_request *request, enum stage stage, bool by_deadline)
{
	static const char *const during[] = {"while connecting", "while sending the request",
					     "while waiting for the response", "while reading the response"};
	struct progress progress = {.stage = stage};
	struct exchange exchange;

	request->timeout = 20 * SR_S;
	exchange_start(&exchange, fixture, request);
	progress.call = (const struct sr_http_call *)exchange.op;
	assert_int_equal(sr_loop_run_while(fixture->loop, not_yet, &progress, sr_now() + 20 * SR_S), 0);
	assert_int_equal(exchange.calls, 0);
	if (by_deadline) {
		sr_timer_start(&exchange.op->op.timer, sr_now());
	} else {
		sr_op_cancel(&exchange.op->op);
		sr_op_cancel(&exchange.op->op);
	}
	assert_int_equal(exchange.calls, 0);
	exchange_wait(&exchange);
	assert_says(&exchange, by_deadline ? SR_ETIMEOUT : SR_ECANCEL, during[stage]);
	exchange_end(&exchange);
	assert_int_equal(fixture_stats(fixture).open, 0);
}

static void ends_early_in_every_state(void **state)
{
	static const struct {
		serve_fn *serve;
		size_t body;
	} cases[] = {
	    [CONNECTING] = {serve_nothing, 0}, /* never answers the TLS handshake */
	    [SENDING] = {serve_nothing, 32 << 20},
	    [WAITING] = {serve_nothing, 0},
	    [READING] = {serve_half, 0},
	};
	char *body = calloc(1, 32 << 20);

	(void)state;
	for (enum stage stage = CONNECTING; stage <= READING; stage++) {
		struct server *server = server_start(cases[stage].serve, NULL);
		struct fixture fixture;
		char url[64];

		snprintf(url, sizeof url, "http%s%s/", stage == CONNECTING ? "s" : "", server_url(server) + 4);
		fixture_open(&fixture, NULL);
		for (int by_deadline = 0; by_deadline < 2; by_deadline++) {
			struct sr_http_request request = {.url = url, .method = "POST"};

			request.body = cases[stage].body ? body : NULL;
			request.body_len = cases[stage].body;
			expect_end(&fixture, &request, stage, by_deadline);
		}
		fixture_close(&fixture);
		server_stop(server);
	}
	free(body);
}

/* Ops that are cancelled in the turn in which they were started. */
static void ends_early_at_once(void **state)
{
	struct server *server = server_start(server_serve_ok, NULL);
	struct fixture fixture;
	struct exchange exchanges[3];

	(void)state;
	fixture_open(&fixture, &(struct sr_http_options){.max_connections = 2});
	for (int i = 0; i < 3; i++)
		exchange_get(&exchanges[i], &fixture, server_url(server), "/");
	for (int i = 0; i < 3; i++)
		sr_op_cancel(&exchanges[i].op->op);
	for (int i = 0; i < 3; i++) {
		exchange_wait(&exchanges[i]);
		assert_int_equal(exchanges[i].status, -SR_ECANCEL);
		exchange_end(&exchanges[i]);
	}
	assert_int_equal(fixture_stats(&fixture).waiting, 0);
	exchange_get(&exchanges[0], &fixture, server_url(server), "/");
	exchange_wait(&exchanges[0]);
	assert_body(&exchanges[0], "ok");
	exchange_end(&exchanges[0]);
	fixture_close(&fixture);
	server_stop(server);
}

/* The first connection is closed by the server once it is idle. */
static void serve_and_leave(struct server *server, int fd, unsigned nth)
{
	if (nth > 1) {
		server_serve_ok(server, fd, nth);
		return;
	}
	server_read(server, fd);
	server_say(fd, SERVER_OK);
	server_wait(server);
}

static bool one_discarded(const struct sr_http_stats *stats)
{
	return stats->discarded == 1;
}

static void notices_a_close_while_idle(void **state)
{
	struct server *server = server_start(serve_and_leave, NULL);
	struct fixture fixture;
	struct exchange exchange;

	(void)state;
	fixture_open(&fixture, NULL);
	exchange_get(&exchange, &fixture, server_url(server), "/");
	exchange_wait(&exchange);
	exchange_end(&exchange);
	server_go(server);
	fixture_until(&fixture, one_discarded);
	assert_int_equal(fixture_stats(&fixture).open, 0);
	exchange_get(&exchange, &fixture, server_url(server), "/");
	exchange_wait(&exchange);
	assert_body(&exchange, "ok");
	assert_false(exchange.op->response.reused);
	exchange_end(&exchange);
	assert_int_equal(server_requests(server), 2);
	fixture_close(&fixture);
	server_stop(server);
}

/* The same when the loop has not run since: the connection is looked at before it is used. */
static void looks_before_it_uses(void **state)
{
	struct server *server = server_start(serve_and_leave, NULL);
	struct fixture fixture;
	struct exchange exchange;

	(void)state;
	fixture_open(&fixture, NULL);
	exchange_get(&exchange, &fixture, server_url(server), "/");
	exchange_wait(&exchange);
	exchange_end(&exchange);
	server_go(server);
	usleep(50000);
	exchange_get(&exchange, &fixture, server_url(server), "/");
	exchange_wait(&exchange);
	assert_body(&exchange, "ok");
	assert_int_equal(fixture_stats(&fixture).discarded, 1);
	exchange_end(&exchange);
	fixture_close(&fixture);
	server_stop(server);
}

static bool none_open(const struct sr_http_stats *stats)
{
	return stats->open == 0;
}

static void closes_what_is_idle_for_long(void **state)
{
	struct server *server = server_start(server_serve_ok, NULL);
	struct fixture fixture;
	struct exchange exchanges[3];

	(void)state;
	fixture_open(&fixture, &(struct sr_http_options){.idle_timeout = 20 * SR_MS});
	for (int i = 0; i < 3; i++)
		exchange_get(&exchanges[i], &fixture, server_url(server), "/");
	for (int i = 0; i < 3; i++) {
		exchange_wait(&exchanges[i]);
		exchange_end(&exchanges[i]);
	}
	fixture_until(&fixture, none_open);
	assert_int_equal(fixture_stats(&fixture).idle, 0);
	fixture_close(&fixture);
	server_stop(server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reuses_connections),
	    cmocka_unit_test(queues_in_order_at_the_limit),
	    cmocka_unit_test(holds_the_limit),
	    cmocka_unit_test(dials_again_for_the_queue),
	    cmocka_unit_test(ends_early_in_every_state),
	    cmocka_unit_test(ends_early_at_once),
	    cmocka_unit_test(notices_a_close_while_idle),
	    cmocka_unit_test(looks_before_it_uses),
	    cmocka_unit_test(closes_what_is_idle_for_long),
	};

	return cmocka_run_group_tests_name("http_pool", tests, NULL, NULL);
}
