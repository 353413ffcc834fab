/* Connecting, and servers that misbehave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "scalerun/base/clock.h"
#include "support/postgres.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The error of a connection attempt that must fail. */
static struct sr_error refusal(struct sr_loop *loop, const char *dsn, int64_t timeout)
{
	struct sr_pg_options options = {.dsn = dsn};
	struct sr_op *op = sr_pg_connect_new(loop, &options);
	struct sr_error err;

	sr_pg_connect_start(op, timeout);
	assert_true(finish(op) < 0);
	err = op->err;
	assert_string_equal(err.op, "pg.connect");
	sr_op_free(op);
	return err;
}

/* ---- a server of our own, one thread, serves until the test ends ---- */

typedef void serve_fn(int client);

struct fake {
	serve_fn *serve;
	int listener, port;
	int stop[2];
	pthread_t thread;
	char dsn[160];
};

static void *serve_all(void *arg)
{
	struct fake *fake = arg;

	for (;;) {
		struct pollfd ready[] = {{fake->listener, POLLIN, 0}, {fake->stop[0], POLLIN, 0}};
		int client;

		poll(ready, 2, -1);
		if (ready[1].revents)
			return NULL;
		client = accept(fake->listener, NULL, NULL);
		fake->serve(client);
		close(client);
	}
}

static int listen_anywhere(int *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

static void fake_start(struct fake *fake, serve_fn *serve)
{
	fake->serve = serve;
	fake->listener = listen_anywhere(&fake->port);
	assert_int_equal(listen(fake->listener, 16), 0);
	assert_int_equal(pipe(fake->stop), 0);
	snprintf(fake->dsn, sizeof fake->dsn,
		 "host=127.0.0.1 port=%d user=u dbname=d password=s3cret-word sslmode=disable gssencmode=disable",
		 fake->port);
	assert_int_equal(pthread_create(&fake->thread, NULL, serve_all, fake), 0);
}

static void fake_stop(struct fake *fake)
{
	assert_int_equal(write(fake->stop[1], "x", 1), 1);
	pthread_join(fake->thread, NULL);
	close(fake->listener);
	close(fake->stop[0]);
	close(fake->stop[1]);
}

static bool send_all(int fd, const void *data, size_t length)
{
	return send(fd, data, length, MSG_NOSIGNAL) == (ssize_t)length;
}

#define SEND(fd, bytes) send_all(fd, bytes, sizeof(bytes) - 1)

static void read_some(int fd)
{
	char buffer[4096];

	if (recv(fd, buffer, sizeof buffer, 0) < 0)
		return;
}

static void read_to_end(int fd)
{
	char buffer[4096];

	while (recv(fd, buffer, sizeof buffer, 0) > 0)
		continue;
}

/* AuthenticationOk, BackendKeyData, ReadyForQuery */
static void welcome(int fd)
{
	read_some(fd);
	SEND(fd, "R\0\0\0\x08\0\0\0\0"
		 "K\0\0\0\x0c\0\0\0\x01\0\0\0\x02"
		 "Z\0\0\0\x05I");
}

static void serve_garbage(int fd)
{
	read_some(fd);
	SEND(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
	read_to_end(fd);
}

static void serve_close(int fd)
{
	read_some(fd);
}

static void serve_silence(int fd)
{
	read_to_end(fd);
}

/* An error message of 30000 bytes, one at a time. */
static void serve_slowly(int fd)
{
	read_some(fd);
	SEND(fd, "E\0\0\x75\x30");
	while (SEND(fd, "x"))
		usleep(5000);
}

static void serve_password_back(int fd)
{
	read_some(fd);
	SEND(fd, "R\0\0\0\x08\0\0\0\x03"); /* cleartext password, please */
	read_some(fd);
	SEND(fd, "E\0\0\0\x39SFATAL\0VFATAL\0C28P01\0Mpassword s3cret-word is wrong\0\0\0");
	read_to_end(fd);
}

static void serve_half_a_row(int fd)
{
	welcome(fd);
	read_some(fd);
	SEND(fd, "1\0\0\0\x04"
		 "2\0\0\0\x04"
		 "T\0\0\0\x1a\0\x01n\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0"
		 "D\0\0\0\x0b\0\x01\0");
}

/* A row of nine fields where one was announced. */
static void serve_garbage_rows(int fd)
{
	welcome(fd);
	read_some(fd);
	SEND(fd, "1\0\0\0\x04"
		 "2\0\0\0\x04"
		 "T\0\0\0\x1a\0\x01n\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0"
		 "D\0\0\0\x0b\0\x09\0\0\0\x01x"
		 "C\0\0\0\x0dSELECT 1\0"
		 "Z\0\0\0\x05I");
	read_to_end(fd);
}

static void serve_unknown_message(int fd)
{
	welcome(fd);
	read_some(fd);
	SEND(fd, "\x01\x7f\xff\xff\xff garbage");
	read_to_end(fd);
}

static void serve_nothing_more(int fd)
{
	welcome(fd);
	read_to_end(fd);
}

/* ---- connecting ---- */

static void connects_and_tells(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_pg *pg = open_pg(loop, NULL);
	struct sr_error err;

	assert_int_equal(sr_pg_check(pg, &err), 0);
	assert_true(sr_pg_backend_pid(pg) > 0);
	assert_true(sr_pg_server_version(pg) >= 130000);
	assert_string_equal(sr_pg_parameter(pg, "client_encoding"), "UTF8");
	assert_string_equal(sr_pg_parameter(pg, "application_name"), "scalerun");
	assert_int_equal(sr_pg_transaction_status(pg), PQTRANS_IDLE);
	sr_pg_free(pg);
}

static void keywords_win_over_the_dsn(void **state)
{
	struct sr_loop *loop = *state;
	const char *keywords[] = {"application_name", NULL}, *values[] = {"mine", NULL};
	struct sr_pg_options options = {
	    .dsn = postgres_dsn("application_name=theirs"), .keywords = keywords, .values = values};
	struct sr_pg *pg = open_pg(loop, &options);

	assert_string_equal(sr_pg_parameter(pg, "application_name"), "mine");
	sr_pg_free(pg);
}

static void refused_port(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_error err;
	char dsn[96];
	int port, fd = listen_anywhere(&port); /* bound, but it does not listen */

	snprintf(dsn, sizeof dsn, "postgresql://u:s3cret-word@127.0.0.1:%d/d", port);
	err = refusal(loop, dsn, 30 * SR_S);
	assert_int_equal(err.code, SR_ECONNECT);
	assert_non_null(strstr(err.text, "refused"));
	close(fd);
}

static void missing_socket(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_error err = refusal(loop, "host=/nowhere/at/all", 30 * SR_S);

	assert_int_equal(err.code, SR_ECONNECT);
	assert_non_null(strstr(err.text, "/nowhere/at/all"));
}

static void server_refusals_have_their_sqlstate(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_error err = refusal(loop, postgres_dsn("dbname=missing"), 30 * SR_S);

	assert_int_equal(err.code, SR_ESERVER);
	assert_string_equal(err.detail, "3D000");
	assert_non_null(strstr(err.text, "\"missing\" does not exist"));
	assert_null(strstr(err.text, "LOCATION"));

	err = refusal(loop, postgres_dsn("user=keyed password=wrong-word"), 30 * SR_S);
	assert_int_equal(err.code, SR_ESERVER);
	assert_string_equal(err.detail, "28P01");
	assert_null(strstr(err.text, "wrong-word"));
}

static void right_password_is_accepted(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_pg_options options = {.dsn = postgres_dsn("user=keyed password=s3cret-word")};
	struct sr_pg *pg = open_pg(loop, &options);

	assert_string_equal(value_of(pg, "SELECT current_user"), "keyed");
	sr_pg_free(pg);
}

static void unreadable_dsns_are_not_quoted(void **state)
{
	struct sr_loop *loop = *state;
	static const char *const dsns[] = {
	    "password=two words host=localhost",
	    "postgresql://user:two@words@localhost/d",
	    "postgresql://user:two/words@localhost/d",
	    "postgresql://user:words@[::1/d",
	    "words",
	    "host='words",
	};

	for (size_t i = 0; i < sizeof dsns / sizeof *dsns; i++) {
		struct sr_error err = refusal(loop, dsns[i], 30 * SR_S);

		assert_int_equal(err.code, SR_EINVAL);
		assert_null(strstr(err.text, "words"));
		assert_non_null(strstr(err.text, "DSN"));
	}
}

static void wrong_parameters_are_the_callers(void **state)
{
	struct sr_loop *loop = *state;

	assert_int_equal(refusal(loop, "host=127.0.0.1 port=none", 30 * SR_S).code, SR_EINVAL);
	assert_int_equal(refusal(loop, "host=127.0.0.1 sslmode=maybe", 30 * SR_S).code, SR_EINVAL);
}

static void a_cancelled_attempt_ends(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_pg_options options = {.dsn = postgres_dsn("")};
	struct sr_op *op = sr_pg_connect_new(loop, &options);

	sr_pg_connect_start(op, 30 * SR_S);
	sr_op_cancel(op);
	assert_int_equal(finish(op), -SR_ECANCEL);
	sr_op_free(op);
}

/* ---- misbehaving servers, while connecting ---- */

static void misbehaving_greeting(void **state)
{
	struct sr_loop *loop = *state;
	static const struct {
		serve_fn *serve;
		int64_t timeout;
		int code;
	} cases[] = {
	    {serve_garbage, 30 * SR_S, SR_EPROTO},
	    {serve_close, 30 * SR_S, SR_ECLOSED},
	    {serve_silence, 50 * SR_MS, SR_ETIMEOUT},
	    {serve_slowly, 50 * SR_MS, SR_ETIMEOUT},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake fake;
		struct sr_error err;

		fake_start(&fake, cases[i].serve);
		err = refusal(loop, fake.dsn, cases[i].timeout);
		if (err.code != cases[i].code)
			fail_msg("case %zu: %s: %s", i, sr_code_name(err.code), err.text);
		fake_stop(&fake);
	}
}

static void a_server_that_quotes_the_password(void **state)
{
	struct sr_loop *loop = *state;
	struct fake fake;
	struct sr_error err;

	fake_start(&fake, serve_password_back);
	err = refusal(loop, fake.dsn, 30 * SR_S);
	assert_int_equal(err.code, SR_ESERVER);
	assert_string_equal(err.detail, "28P01");
	assert_null(strstr(err.text, "s3cret-word"));
	assert_non_null(strstr(err.text, "password *** is wrong"));
	fake_stop(&fake);
}

/* ---- misbehaving servers, while answering ---- */

static void misbehaving_answer(void **state)
{
	struct sr_loop *loop = *state;
	static const struct {
		serve_fn *serve;
		int code;
	} cases[] = {
	    {serve_half_a_row, SR_ECLOSED},
	    {serve_garbage_rows, SR_EPROTO},
	    {serve_unknown_message, SR_EPROTO},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct fake fake;
		struct sr_pg_options options = {.unprepared = true};
		struct sr_pg *pg;
		struct sr_op *first, *second;

		fake_start(&fake, cases[i].serve);
		options.dsn = fake.dsn;
		pg = open_pg(loop, &options);
		first = sr_pg_query_new(pg, "SELECT 1", 0, NULL);
		second = sr_pg_query_new(pg, "SELECT 2", 0, NULL);
		sr_pg_start(first, NULL, 30 * SR_S);
		sr_pg_start(second, NULL, 30 * SR_S);
		if (finish(first) != -cases[i].code)
			fail_msg("case %zu: %s: %s", i, sr_code_name(first->err.code), first->err.text);
		assert_int_equal(finish(second), -cases[i].code);
		sr_op_free(first);
		sr_op_free(second);
		assert_int_equal(run_query(pg, &first, "SELECT 3", NULL), -cases[i].code);
		sr_op_free(first);
		sr_pg_free(pg);
		fake_stop(&fake);
	}
}

/* It also lets the request to cancel hang: the thread is left behind, and ends when the server does. */
static void a_server_that_ignores_cancelling_is_left(void **state)
{
	struct sr_loop *loop = *state;
	struct fake fake;
	struct sr_pg_options options = {0};
	struct sr_pg *pg;
	struct sr_op *op;

	fake_start(&fake, serve_nothing_more);
	options.dsn = fake.dsn;
	pg = open_pg(loop, &options);
	op = sr_pg_query_new(pg, "SELECT 1", 0, NULL);
	sr_pg_start(op, NULL, 20 * SR_MS);
	assert_int_equal(finish(op), -SR_ETIMEOUT);
	sr_op_free(op);
	op = sr_pg_query_new(pg, "SELECT 2", 0, NULL);
	sr_pg_start(op, NULL, 60 * SR_S);
	assert_int_equal(finish(op), -SR_ECLOSED);
	assert_non_null(strstr(op->err.text, "did not end a cancelled statement"));
	assert_non_null(strstr(op->err.text, "was not sent"));
	sr_op_free(op);
	sr_pg_free(pg);
	fake_stop(&fake);
}

#define on_loop(test) cmocka_unit_test_setup_teardown(test, make_loop, free_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    on_loop(connects_and_tells),
	    on_loop(keywords_win_over_the_dsn),
	    on_loop(refused_port),
	    on_loop(missing_socket),
	    on_loop(server_refusals_have_their_sqlstate),
	    on_loop(right_password_is_accepted),
	    on_loop(unreadable_dsns_are_not_quoted),
	    on_loop(wrong_parameters_are_the_callers),
	    on_loop(a_cancelled_attempt_ends),
	    on_loop(misbehaving_greeting),
	    on_loop(a_server_that_quotes_the_password),
	    on_loop(misbehaving_answer),
	    on_loop(a_server_that_ignores_cancelling_is_left),
	};

	return cmocka_run_group_tests(tests, postgres_start, postgres_stop);
}
