/* The Redis client against servers that misbehave. */
#include "redis_fixture.h"

#include <hiredis/hiredis.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- a server that follows a script -------------------------------------------------------------- */

enum action {
	END,
	TAKE /* n commands */,
	SAY,
	SPELL /* byte by byte */,
	FLOOD /* n MiB of x */,
	RESET,
	LINGER /* until the client closes */
};

struct step {
	enum action action;
	int n;
	const char *text;
};

#define HELLO                                                                                                          \
	{TAKE, 1, NULL},                                                                                               \
	{                                                                                                              \
		SAY, 0, "+PONG\r\n"                                                                                    \
	}

static struct {
	int fd;
	char url[64];
	pthread_t thread;
	const struct step *steps;
} peer;

static void take_commands(int fd, redisReader *reader, int n)
{
	while (n > 0) {
		void *command = NULL;
		char bytes[4096];
		if (redisReaderGetReply(reader, &command) != REDIS_OK)
			return;
		if (command) {
			freeReplyObject(command);
			n--;
			continue;
		}
		ssize_t len = recv(fd, bytes, sizeof(bytes), 0);
		if (len <= 0)
			return;
		redisReaderFeed(reader, bytes, (size_t)len);
	}
}

static void say(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

static void flood(int fd, int mebibytes)
{
	static char block[1 << 20];
	memset(block, 'x', sizeof(block));
	for (int i = 0; i < mebibytes; i++)
		say(fd, block, sizeof(block));
}

static void linger(int fd)
{
	char bytes[4096];
	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		;
}

static void *serve(void *arg)
{
	(void)arg;
	int one = 1;
	int fd = accept(peer.fd, NULL, NULL);
	redisReader *reader = redisReaderCreate();
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	for (const struct step *step = peer.steps; step->action != END; step++) {
		switch (step->action) {
		case TAKE:
			take_commands(fd, reader, step->n);
			break;
		case SAY:
			say(fd, step->text, strlen(step->text));
			break;
		case SPELL:
			for (const char *p = step->text; *p; p++)
				say(fd, p, 1);
			break;
		case FLOOD:
			flood(fd, step->n);
			break;
		case RESET:
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
			break;
		case LINGER:
			linger(fd);
			break;
		case END:
			break;
		}
	}
	redisReaderFree(reader);
	close(fd);
	return NULL;
}

static void start_peer(const struct step *steps)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	peer.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(peer.fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(peer.fd, 1), 0);
	assert_int_equal(getsockname(peer.fd, (struct sockaddr *)&address, &len), 0);
	snprintf(peer.url, sizeof(peer.url), "redis://127.0.0.1:%d", ntohs(address.sin_port));
	peer.steps = steps;
	assert_int_equal(pthread_create(&peer.thread, NULL, serve, NULL), 0);
}

static void end_peer(struct sr_redis *redis)
{
	close_redis(redis);
	pthread_join(peer.thread, NULL);
	close(peer.fd);
}

#define STEPS(...) ((const struct step[]){__VA_ARGS__, {END, 0, NULL}})

static void expect_failure(struct sr_redis_op *op, int code, const char *text)
{
	assert_int_equal(finish(&op->op), -code);
	if (!strstr(op->op.err.text, text))
		fail_msg("'%s' is not in '%s'", text, op->op.err.text);
	assert_string_equal(op->op.err.op, op->op.cls->name);
	sr_op_free(&op->op);
}

/* One GET against a peer whose answer breaks the connection. */
static void expect_broken(const struct step *steps, size_t reply_max, int code, const char *text)
{
	start_peer(steps);
	struct sr_redis *redis = connect_to(peer.url, reply_max);
	expect_failure(start(redis, "GET a"), code, text);
	assert_false(sr_redis_is_open(redis));
	expect_failure(start(redis, "GET a"), SR_ESTATE, "not connected: ");
	end_peer(redis);
}

static void expect_no_connection(const struct step *steps, int code, const char *text, const char *detail)
{
	struct sr_error err;
	start_peer(steps);
	struct sr_redis *redis = new_redis(peer.url, 0);
	assert_int_equal(try_connect(redis, PATIENCE, &err), -code);
	assert_string_equal(err.op, "redis.connect");
	if (!strstr(err.text, text))
		fail_msg("'%s' is not in '%s'", text, err.text);
	assert_string_equal(err.detail, detail);
	end_peer(redis);
}

/* ---- tests ---------------------------------------------------------------------------------------- */

static void test_split_bytes(void **state)
{
	(void)state;
	start_peer(STEPS(HELLO, {TAKE, 1, NULL}, {SPELL, 0, "*3\r\n$3\r\nabc\r\n:-42\r\n*2\r\n$-1\r\n+OK\r\n"},
			 {LINGER, 0, NULL}));
	struct sr_redis *redis = connect_to(peer.url, 0);
	struct sr_redis_op *op = start(redis, "GET a");
	assert_int_equal(finish(&op->op), 0);
	const struct sr_redis_value *reply = op->replies[0];
	assert_int_equal(reply->type, SR_REDIS_ARRAY);
	assert_int_equal(reply->len, 3);
	assert_string_equal(reply->items[0]->bytes, "abc");
	assert_int_equal(reply->items[1]->integer, -42);
	assert_int_equal(reply->items[2]->items[0]->type, SR_REDIS_NIL);
	assert_int_equal(reply->items[2]->items[1]->type, SR_REDIS_STATUS);
	sr_op_free(&op->op);
	end_peer(redis);
}

static void test_replies_together(void **state)
{
	(void)state;
	start_peer(STEPS(HELLO, {TAKE, 3, NULL}, {SAY, 0, ":1\r\n:2\r\n:3\r\n"}, {LINGER, 0, NULL}));
	struct sr_redis *redis = connect_to(peer.url, 0);
	struct sr_redis_op *ops[3];
	for (int i = 0; i < 3; i++)
		ops[i] = start(redis, "INCR a");
	assert_int_equal(sr_redis_pending(redis), 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(finish(&ops[i]->op), 0);
		assert_int_equal(ops[i]->replies[0]->integer, i + 1);
		sr_op_free(&ops[i]->op);
	}
	end_peer(redis);
}

static void test_late_reply_is_dropped(void **state)
{
	(void)state;
	start_peer(STEPS(HELLO, {TAKE, 2, NULL}, {SAY, 0, "$4\r\nlate\r\n$5\r\nright\r\n"}, {LINGER, 0, NULL}));
	struct sr_redis *redis = connect_to(peer.url, 0);
	expect_failure(start_for(redis, "GET a", SR_MS), SR_ETIMEOUT, "timed out after 1 ms");
	assert_int_equal(sr_redis_pending(redis), 1);
	struct sr_redis_op *op = start(redis, "GET b");
	assert_int_equal(finish(&op->op), 0);
	assert_string_equal(op->replies[0]->bytes, "right");
	sr_op_free(&op->op);
	assert_int_equal(sr_redis_pending(redis), 0);
	end_peer(redis);
}

static void test_close_before_the_answer(void **state)
{
	(void)state;
	expect_broken(STEPS(HELLO, {TAKE, 1, NULL}), 0, SR_ECLOSED, "the server closed the connection (127.0.0.1:");
}

static void test_close_within_the_answer(void **state)
{
	(void)state;
	expect_broken(STEPS(HELLO, {TAKE, 1, NULL}, {SAY, 0, "$100\r\nbegin"}), 0, SR_ECLOSED,
		      "the server closed the connection");
}

static void test_reset(void **state)
{
	(void)state;
	expect_broken(STEPS(HELLO, {TAKE, 1, NULL}, {RESET, 0, NULL}), 0, SR_ECLOSED,
		      "was lost: Connection reset by peer");
}

static void test_close_fails_all(void **state)
{
	(void)state;
	start_peer(STEPS(HELLO, {TAKE, 100, NULL}, {SAY, 0, ":1\r\n:2"}));
	struct sr_redis *redis = connect_to(peer.url, 0);
	struct sr_redis_op *ops[100];
	for (int i = 0; i < 100; i++)
		ops[i] = start(redis, "INCR a");
	assert_int_equal(finish(&ops[0]->op), 0);
	sr_op_free(&ops[0]->op);
	for (int i = 1; i < 100; i++)
		expect_failure(ops[i], SR_ECLOSED, "closed");
	end_peer(redis);
}

static void test_garbage(void **state)
{
	(void)state;
	expect_broken(STEPS(HELLO, {TAKE, 1, NULL}, {SAY, 0, "HTTP/1.1 400 Bad Request\r\n\r\n"}, {LINGER, 0, NULL}), 0,
		      SR_EPROTO, "does not speak the Redis protocol");
	expect_broken(STEPS(HELLO, {TAKE, 1, NULL}, {SAY, 0, "$abc\r\n"}, {LINGER, 0, NULL}), 0, SR_EPROTO,
		      "Redis protocol");
	expect_broken(STEPS(HELLO, {TAKE, 1, NULL}, {SAY, 0, ":12x4\r\n"}, {LINGER, 0, NULL}), 0, SR_EPROTO,
		      "Redis protocol");
}

static void test_reply_to_no_command(void **state)
{
	(void)state;
	start_peer(STEPS(HELLO, {TAKE, 1, NULL}, {SAY, 0, "+OK\r\n+OK\r\n"}, {LINGER, 0, NULL}));
	struct sr_redis *redis = connect_to(peer.url, 0);
	struct sr_redis_op *op = start(redis, "GET a");
	assert_int_equal(finish(&op->op), 0);
	sr_op_free(&op->op);
	expect_failure(start(redis, "GET a"), SR_ESTATE, "a reply to no command");
	end_peer(redis);
}

static void test_too_deep(void **state)
{
	(void)state;
	expect_broken(STEPS(HELLO, {TAKE, 1, NULL},
			    {SAY, 0, "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"},
			    {LINGER, 0, NULL}),
		      0, SR_EPROTO, "depth");
}

static void test_large_bulk(void **state)
{
	(void)state;
	start_peer(STEPS(HELLO, {TAKE, 1, NULL}, {SAY, 0, "$8388608\r\n"}, {FLOOD, 8, NULL}, {SAY, 0, "\r\n"},
			 {LINGER, 0, NULL}));
	struct sr_redis *redis = connect_to(peer.url, 9 << 20);
	struct sr_redis_op *op = start(redis, "GET a");
	assert_int_equal(finish(&op->op), 0);
	assert_int_equal(op->replies[0]->len, 8 << 20);
	assert_int_equal(op->replies[0]->bytes[(8 << 20) - 1], 'x');
	sr_op_free(&op->op);
	end_peer(redis);
}

static void test_too_large(void **state)
{
	(void)state;
	expect_broken(STEPS(HELLO, {TAKE, 1, NULL}, {SAY, 0, "$99999999999\r\n"}, {FLOOD, 8, NULL}, {LINGER, 0, NULL}),
		      1 << 20, SR_ELIMIT, "a reply is larger than 1048576 bytes");
	expect_broken(STEPS(HELLO, {TAKE, 1, NULL}, {SAY, 0, "*2000000000\r\n:1\r\n"}, {LINGER, 0, NULL}), 0, SR_ELIMIT,
		      "a reply is larger than");
	expect_broken(STEPS(HELLO, {TAKE, 1, NULL}, {SAY, 0, "*2\r\n*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n*4\r\n:1\r\n:2\r\n"},
			    {LINGER, 0, NULL}),
		      300, SR_ELIMIT, "a reply is larger than 300 bytes");
}

static void test_closed_by_the_caller(void **state)
{
	(void)state;
	start_peer(STEPS(HELLO, {LINGER, 0, NULL}));
	struct sr_redis *redis = connect_to(peer.url, 0);
	struct sr_redis_op *op = start(redis, "GET a");
	end_peer(redis);
	expect_failure(op, SR_ECLOSED, "closed here");
}

static void test_cancelled_before_it_is_sent(void **state)
{
	(void)state;
	start_peer(STEPS(HELLO, {TAKE, 2, NULL}, {SAY, 0, ":1\r\n:2\r\n"}, {LINGER, 0, NULL}));
	struct sr_redis *redis = connect_to(peer.url, 0);
	struct sr_redis_op *first = start(redis, "INCR a");
	struct sr_redis_op *second = start(redis, "INCR a");
	sr_op_cancel(&first->op);
	expect_failure(first, SR_ECANCEL, "");
	assert_int_equal(finish(&second->op), 0);
	assert_int_equal(second->replies[0]->integer, 2);
	sr_op_free(&second->op);
	end_peer(redis);
}

/* ---- connecting ----------------------------------------------------------------------------------- */

static void test_greeting_refused(void **state)
{
	(void)state;
	expect_no_connection(
	    STEPS({TAKE, 1, NULL}, {SAY, 0, "-NOAUTH Authentication required.\r\n"}, {LINGER, 0, NULL}), SR_ESERVER,
	    "NOAUTH Authentication required.", "NOAUTH");
	expect_no_connection(STEPS({TAKE, 1, NULL}, {SAY, 0, "-odd error\r\n"}, {LINGER, 0, NULL}), SR_ESERVER,
			     "odd error", "");
}

static void test_greeting_garbled(void **state)
{
	(void)state;
	expect_no_connection(STEPS({TAKE, 1, NULL}, {SAY, 0, "SSH-2.0-OpenSSH\r\n"}, {LINGER, 0, NULL}), SR_EPROTO,
			     "does not speak the Redis protocol", "");
	expect_no_connection(STEPS({TAKE, 1, NULL}), SR_ECLOSED, "closed the connection", "");
}

static void test_silent_server(void **state)
{
	(void)state;
	struct sr_error err;
	start_peer(STEPS({LINGER, 0, NULL}));
	struct sr_redis *redis = new_redis(peer.url, 0);
	assert_int_equal(try_connect(redis, 20 * SR_MS, &err), -SR_ETIMEOUT);
	assert_string_equal(err.text, "timed out after 20 ms");
	expect_failure(start(redis, "GET a"), SR_ESTATE, "not connected: timed out");
	end_peer(redis);
}

static void expect_no_server(const char *url, int code, const char *text)
{
	struct sr_error err;
	struct sr_redis *redis = new_redis(url, 0);
	expect_failure(start(redis, "GET a"), SR_ESTATE, "not connected yet");
	assert_int_equal(try_connect(redis, PATIENCE, &err), -code);
	if (!strstr(err.text, text))
		fail_msg("'%s' is not in '%s'", text, err.text);
	assert_int_equal(try_connect(redis, PATIENCE, &err), -SR_ESTATE);
	close_redis(redis);
}

static void test_no_server(void **state)
{
	(void)state;
	expect_no_server("redis://127.0.0.1:1", SR_ECONNECT, "cannot connect to 127.0.0.1:1: Connection refused");
	expect_no_server("redis://localhost:1", SR_ECONNECT, "cannot connect to localhost:1: Connection refused");
	expect_no_server("unix:///no/such/socket", SR_ECONNECT,
			 "cannot connect to /no/such/socket: No such file or directory");
	expect_no_server("redis://a..b", SR_EDNS, "cannot find the address of 'a..b'");
}

static void test_closed_while_connecting(void **state)
{
	(void)state;
	static const char *const urls[] = {"redis://localhost:1", "redis://127.0.0.1:1", "redis://a..b"};
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct sr_redis *redis = new_redis(urls[i], 0);
		struct sr_op *op = sr_redis_connect_new(redis);
		op->done = ignore_done;
		sr_redis_connect_start(op, PATIENCE);
		close_redis(redis);
		assert_int_equal(finish(op), i == 1 ? op->status : -SR_ECLOSED);
		sr_op_free(op);
	}
}

static void test_cancelled_while_connecting(void **state)
{
	(void)state;
	struct sr_redis *redis = new_redis("redis://localhost:1", 0);
	struct sr_op *op = sr_redis_connect_new(redis);
	op->done = ignore_done;
	sr_redis_connect_start(op, PATIENCE);
	sr_op_cancel(op);
	assert_int_equal(finish(op), -SR_ECANCEL);
	sr_op_free(op);
	close_redis(redis);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_split_bytes, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_replies_together, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_late_reply_is_dropped, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_close_before_the_answer, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_close_within_the_answer, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_reset, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_close_fails_all, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_garbage, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_reply_to_no_command, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_too_deep, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_large_bulk, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_too_large, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_closed_by_the_caller, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_cancelled_before_it_is_sent, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_greeting_refused, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_greeting_garbled, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_silent_server, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_no_server, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_closed_while_connecting, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_cancelled_while_connecting, open_loop, free_loop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
