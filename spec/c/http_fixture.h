/* A loop and a client for a test, and requests that are waited for. */
#ifndef HTTP_FIXTURE_H
#define HTTP_FIXTURE_H

#include "scalerun/base/clock.h"
#include "scalerun/engine/http.h"
#include "scalerun/loop/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct sr_loop *loop;
	struct sr_http_client *client;
	unsigned finished;
};

struct exchange {
	struct sr_http_op *op;
	struct fixture *fixture;
	unsigned calls; /* of done: once, ever */
	unsigned nth;   /* the order in which exchanges ended, from 1 */
	int status;
};

static inline void fixture_open(struct fixture *fixture, const struct sr_http_options *options)
{
	struct sr_error err;

	fixture->finished = 0;
	assert_int_equal(sr_loop_new(&fixture->loop, &err), 0);
	assert_int_equal(sr_http_client_new(&fixture->client, fixture->loop, options, &err), 0);
}

static inline struct sr_http_stats fixture_stats(struct fixture *fixture)
{
	struct sr_http_stats stats;

	sr_http_client_stats(fixture->client, &stats);
	return stats;
}

/* Everything that a test began must have ended: the loop aborts when a handle is left. */
static inline void fixture_close(struct fixture *fixture)
{
	assert_int_equal(fixture_stats(fixture).calls, 0);
	sr_http_client_free(fixture->client);
	sr_loop_free(fixture->loop);
}

static inline void exchange_done(struct sr_op *op, int status, void *arg)
{
	struct exchange *exchange = arg;

	(void)op;
	exchange->calls++;
	exchange->status = status;
	exchange->nth = ++exchange->fixture->finished;
}

static inline void exchange_start(struct exchange *exchange, struct fixture *fixture, struct sr_http_request *request)
{
	*exchange = (struct exchange){.fixture = fixture, .op = sr_http_op_new(fixture->client)};
	assert_non_null(exchange->op);
	exchange->op->op.done = exchange_done;
	exchange->op->op.arg = exchange;
	if (!request->url_len)
		request->url_len = strlen(request->url);
	if (!request->timeout)
		request->timeout = 20 * SR_S;
	sr_http_start(exchange->op, request);
	assert_int_equal(exchange->calls, 0);
}

static inline void exchange_get(struct exchange *exchange, struct fixture *fixture, const char *base, const char *path)
{
	char url[160];

	snprintf(url, sizeof url, "%s%s", base, path);
	exchange_start(exchange, fixture, &(struct sr_http_request){.url = url});
}

static inline bool exchange_runs(void *arg)
{
	return ((struct exchange *)arg)->calls == 0;
}

static inline void exchange_wait(struct exchange *exchange)
{
	assert_int_equal(sr_loop_run_while(exchange->fixture->loop, exchange_runs, exchange, sr_now() + 30 * SR_S), 0);
	assert_int_equal(exchange->calls, 1);
}

static inline void exchange_end(struct exchange *exchange)
{
	sr_op_free(&exchange->op->op);
	exchange->op = NULL;
}

/* Runs the loop until the statistics are as wanted. */
struct until {
	struct fixture *fixture;
	bool (*reached)(const struct sr_http_stats *stats);
};

static inline bool until_pending(void *arg)
{
	struct until *until = arg;
	struct sr_http_stats stats = fixture_stats(until->fixture);

	return !until->reached(&stats);
}

static inline void fixture_until(struct fixture *fixture, bool (*reached)(const struct sr_http_stats *stats))
{
	struct until until = {fixture, reached};

	assert_int_equal(sr_loop_run_while(fixture->loop, until_pending, &until, sr_now() + 20 * SR_S), 0);
}

static inline const char *exchange_text(const struct exchange *exchange)
{
	return exchange->op->op.err.text;
}

static inline void assert_body(const struct exchange *exchange, const char *body)
{
	const struct sr_http_response *response = &exchange->op->response;

	assert_int_equal(exchange->status, 0);
	assert_int_equal(response->body_len, strlen(body));
	assert_memory_equal(response->body, body, response->body_len);
}

static inline void assert_says(const struct exchange *exchange, int code, const char *part)
{
	if (exchange->status != -code || !strstr(exchange_text(exchange), part))
		print_message("expected %s with \"%s\", got status %d: %s\n", sr_code_name(code), part,
			      exchange->status, exchange_text(exchange));
	assert_int_equal(exchange->status, -code);
	assert_int_equal(exchange->op->op.err.code, code);
	assert_non_null(strstr(exchange_text(exchange), part));
}

#endif
