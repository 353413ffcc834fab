/* The Redis client against a real server. */
#include "redis_fixture.h"

#include "scalerun/engine/process.h"
#include "scalerun/engine/tree.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- the server, one for all tests ----------------------------------------------------------------- */

static char folder[] = "/tmp/sr-redis-XXXXXX";
static char url[80];
static struct sr_loop *server_loop;
static struct sr_process *server;

static void await_ready(void)
{
	for (;;) {
		struct sr_process_read *line = sr_process_read_new(server, 1, SR_READ_LINE);
		line->op.done = ignore_done;
		sr_process_read_start(line, PATIENCE);
		assert_int_equal(finish(&line->op), 0);
		assert_false(line->eof);
		bool ready = strstr(sr_buf_cstr(&line->data), "eady to accept connections") != NULL;
		sr_op_free(&line->op);
		if (ready)
			return;
	}
}

static int start_server(void **state)
{
	struct sr_error err;
	char path[64];
	open_loop(state);
	server_loop = loop;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	snprintf(url, sizeof(url), "unix://%s", path);
	struct sr_process_options options = {
	    .argv = (const char *const[]){"redis-server", "--port", "0", "--unixsocket", path, "--save", "", "--dir",
					  folder, NULL},
	    .out = {.kind = SR_STDIO_PIPE},
	};
	if (sr_process_spawn(&server, loop, &options, &err) < 0) {
		print_error("%s\n", err.text);
		return -1;
	}
	await_ready();
	return 0;
}

static int stop_server(void **state)
{
	bool closed = false;
	loop = server_loop;
	struct sr_op *op = sr_process_stop_new(server);
	op->done = ignore_done;
	sr_process_stop_start(op, PATIENCE);
	finish(op);
	sr_op_free(op);
	sr_process_close(server, set, &closed);
	await_set(&closed);
	free_loop(state);
	return sr_tree_remove(folder);
}

static struct sr_redis *redis;

static int set_up(void **state)
{
	open_loop(state);
	redis = connect_to(url, 0);
	struct sr_redis_op *op = start(redis, "FLUSHALL");
	assert_int_equal(finish(&op->op), 0);
	sr_op_free(&op->op);
	return 0;
}

static int tear_down(void **state)
{
	close_redis(redis);
	return free_loop(state);
}

static struct sr_redis_op *call(const char *words)
{
	struct sr_redis_op *op = start(redis, words);
	finish(&op->op);
	return op;
}

static void expect_bytes(const char *words, enum sr_redis_type type, const char *expected)
{
	struct sr_redis_op *op = call(words);
	assert_int_equal(op->op.status, 0);
	assert_int_equal(op->replies[0]->type, type);
	assert_string_equal(op->replies[0]->bytes, expected);
	sr_op_free(&op->op);
}

static void expect_integer(const char *words, int64_t expected)
{
	struct sr_redis_op *op = call(words);
	assert_int_equal(op->op.status, 0);
	assert_int_equal(op->replies[0]->type, SR_REDIS_INTEGER);
	assert_int_equal(op->replies[0]->integer, expected);
	sr_op_free(&op->op);
}

/* ---- tests ---------------------------------------------------------------------------------------- */

static void test_types(void **state)
{
	(void)state;
	expect_bytes("SET a 1", SR_REDIS_STATUS, "OK");
	expect_bytes("GET a", SR_REDIS_STRING, "1");
	expect_integer("INCRBY a 9223372036854775806", INT64_MAX);
	struct sr_redis_op *op = call("GET none");
	assert_int_equal(op->replies[0]->type, SR_REDIS_NIL);
	sr_op_free(&op->op);
	op = call("EVAL return{1,{2,{3,{}}},'x'} 0");
	const struct sr_redis_value *reply = op->replies[0];
	assert_int_equal(reply->len, 3);
	assert_int_equal(reply->items[1]->items[1]->items[0]->integer, 3);
	assert_int_equal(reply->items[1]->items[1]->items[1]->type, SR_REDIS_ARRAY);
	assert_int_equal(reply->items[1]->items[1]->items[1]->len, 0);
	assert_string_equal(reply->items[2]->bytes, "x");
	sr_op_free(&op->op);
}

static void test_any_bytes(void **state)
{
	(void)state;
	char bytes[256];
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	struct sr_error err;
	struct sr_redis_op *op = sr_redis_op_new(redis, false);
	const char *argv[] = {"SET", "k", bytes};
	const size_t lens[] = {3, 1, sizeof(bytes)};
	op->op.done = ignore_done;
	assert_int_equal(sr_redis_op_add(op, 3, argv, lens, &err), 0);
	sr_redis_op_start(op, PATIENCE);
	assert_int_equal(finish(&op->op), 0);
	sr_op_free(&op->op);
	op = call("GET k");
	assert_int_equal(op->replies[0]->len, sizeof(bytes));
	assert_memory_equal(op->replies[0]->bytes, bytes, sizeof(bytes));
	sr_op_free(&op->op);
}

static void test_error_reply(void **state)
{
	(void)state;
	expect_integer("LPUSH list x", 1);
	struct sr_redis_op *op = call("INCR list");
	assert_int_equal(op->op.status, -SR_ESERVER);
	assert_string_equal(op->op.err.detail, "WRONGTYPE");
	assert_string_equal(op->op.err.text, "WRONGTYPE Operation against a key holding the wrong kind of value");
	assert_string_equal(op->op.err.op, "redis.call");
	sr_op_free(&op->op);
	op = call("NOSUCHCOMMAND");
	assert_string_equal(op->op.err.detail, "ERR");
	sr_op_free(&op->op);
	expect_bytes("PING", SR_REDIS_STATUS, "PONG");
}

static void test_pipeline(void **state)
{
	(void)state;
	struct sr_redis_op *op = sr_redis_op_new(redis, true);
	op->op.done = ignore_done;
	add_words(op, "SET a 1");
	add_words(op, "INCR a");
	add_words(op, "LPOP a");
	add_words(op, "GET a");
	sr_redis_op_start(op, PATIENCE);
	assert_int_equal(finish(&op->op), 0);
	assert_int_equal(op->replied, 4);
	assert_int_equal(op->replies[1]->integer, 2);
	assert_int_equal(op->replies[2]->type, SR_REDIS_ERROR);
	assert_string_equal(op->replies[3]->bytes, "2");
	sr_op_free(&op->op);
	op = sr_redis_op_new(redis, true);
	op->op.done = ignore_done;
	sr_redis_op_start(op, PATIENCE);
	assert_int_equal(finish(&op->op), 0);
	assert_int_equal(op->replied, 0);
	sr_op_free(&op->op);
}

static void test_many_at_once(void **state)
{
	(void)state;
	enum { MANY = 5000 };
	static struct sr_redis_op *ops[MANY];
	for (int i = 0; i < MANY; i++)
		ops[i] = start(redis, "INCR counter");
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(finish(&ops[i]->op), 0);
		assert_int_equal(ops[i]->replies[0]->integer, i + 1);
		sr_op_free(&ops[i]->op);
	}
}

static void test_large_value(void **state)
{
	(void)state;
	enum { SIZE = 20 << 20 };
	char *bytes = malloc(SIZE);
	memset(bytes, 'x', SIZE);
	struct sr_error err;
	struct sr_redis_op *op = sr_redis_op_new(redis, true);
	const char *argv[] = {"SET", "k", bytes};
	const size_t lens[] = {3, 1, SIZE};
	op->op.done = ignore_done;
	assert_int_equal(sr_redis_op_add(op, 3, argv, lens, &err), 0);
	add_words(op, "GET k");
	sr_redis_op_start(op, PATIENCE);
	/* Others queue behind it while the socket is full. */
	struct sr_redis_op *behind = start(redis, "STRLEN k");
	assert_int_equal(finish(&behind->op), 0);
	assert_int_equal(behind->replies[0]->integer, SIZE);
	assert_int_equal(finish(&op->op), 0);
	assert_int_equal(op->replies[1]->len, SIZE);
	assert_memory_equal(op->replies[1]->bytes, bytes, SIZE);
	sr_op_free(&op->op);
	sr_op_free(&behind->op);
	free(bytes);
	expect_integer("DEL k", 1);
}

static void test_deadline_keeps_the_order(void **state)
{
	(void)state;
	struct sr_redis_op *slow = start_for(redis, "BLPOP nothing 0.05", SR_MS);
	struct sr_redis_op *next = start(redis, "ECHO next");
	assert_int_equal(finish(&slow->op), -SR_ETIMEOUT);
	sr_op_free(&slow->op);
	assert_int_equal(finish(&next->op), 0);
	assert_string_equal(next->replies[0]->bytes, "next");
	sr_op_free(&next->op);
}

static void test_refused_commands(void **state)
{
	(void)state;
	static const char *const refused[][2] = {
	    {"SUBSCRIBE", "x"}, {"pSubscribe", "x"}, {"MONITOR", ""}, {"HELLO", "3"}, {"CLIENT", "reply"}};
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct sr_error err;
		struct sr_redis_op *op = sr_redis_op_new(redis, false);
		const char *argv[] = {refused[i][0], refused[i][1]};
		const size_t lens[] = {strlen(argv[0]), strlen(argv[1])};
		assert_int_equal(sr_redis_op_add(op, 2, argv, lens, &err), -SR_ENOTSUP);
		sr_op_free(&op->op);
	}
	expect_bytes("ECHO SUBSCRIBE", SR_REDIS_STRING, "SUBSCRIBE");
}

static void test_database(void **state)
{
	(void)state;
	char other[96];
	snprintf(other, sizeof(other), "%s?db=3", url);
	expect_bytes("SET a zero", SR_REDIS_STATUS, "OK");
	close_redis(redis);
	redis = connect_to(other, 0);
	expect_bytes("SET a three", SR_REDIS_STATUS, "OK");
	expect_integer("DBSIZE", 1);
	expect_bytes("SELECT 0", SR_REDIS_STATUS, "OK");
	expect_bytes("GET a", SR_REDIS_STRING, "zero");
	struct sr_error err;
	snprintf(other, sizeof(other), "%s?db=99", url);
	struct sr_redis *wrong = new_redis(other, 0);
	assert_int_equal(try_connect(wrong, PATIENCE, &err), -SR_ESERVER);
	assert_string_equal(err.text, "ERR DB index is out of range");
	close_redis(wrong);
}

static void test_password(void **state)
{
	(void)state;
	struct sr_error err;
	char with[128];
	expect_bytes("ACL SETUSER joe on >s@cret ~* +@all", SR_REDIS_STATUS, "OK");
	expect_bytes("CONFIG SET requirepass pass", SR_REDIS_STATUS, "OK");
	struct sr_redis *none = new_redis(url, 0);
	assert_int_equal(try_connect(none, PATIENCE, &err), -SR_ESERVER);
	assert_string_equal(err.detail, "NOAUTH");
	close_redis(none);
	snprintf(with, sizeof(with), "unix://:pass@%s", url + strlen("unix://"));
	close_redis(connect_to(with, 0));
	snprintf(with, sizeof(with), "unix://joe:s%%40cret@%s", url + strlen("unix://"));
	close_redis(connect_to(with, 0));
	snprintf(with, sizeof(with), "unix://joe:wrong@%s", url + strlen("unix://"));
	struct sr_redis *wrong = new_redis(with, 0);
	assert_int_equal(try_connect(wrong, PATIENCE, &err), -SR_ESERVER);
	assert_string_equal(err.detail, "WRONGPASS");
	close_redis(wrong);
	struct sr_redis_op *op = sr_redis_op_new(redis, false);
	const char *argv[] = {"CONFIG", "SET", "requirepass", ""};
	const size_t lens[] = {6, 3, 11, 0};
	op->op.done = ignore_done;
	assert_int_equal(sr_redis_op_add(op, 4, argv, lens, &err), 0);
	sr_redis_op_start(op, PATIENCE);
	assert_int_equal(finish(&op->op), 0);
	sr_op_free(&op->op);
}

static void test_quit(void **state)
{
	(void)state;
	expect_bytes("QUIT", SR_REDIS_STATUS, "OK");
	struct sr_redis_op *op = call("PING");
	assert_true(op->op.status == -SR_ECLOSED || op->op.status == -SR_ESTATE);
	sr_op_free(&op->op);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_types, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_any_bytes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_error_reply, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_pipeline, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_many_at_once, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_large_value, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_deadline_keeps_the_order, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_refused_commands, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_database, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_password, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_quit, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
