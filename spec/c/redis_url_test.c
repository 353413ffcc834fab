/* Redis URLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/engine/redis.h"

#include <string.h>

static struct sr_redis_address address;
static struct sr_error err;

static void test_tcp(void **state)
{
	(void)state;
	assert_int_equal(sr_redis_url_parse("redis://127.0.0.1", &address, &err), 0);
	assert_string_equal(address.host, "127.0.0.1");
	assert_int_equal(address.port, 6379);
	assert_int_equal(address.database, 0);
	assert_string_equal(address.password, "");
	assert_int_equal(sr_redis_url_parse("redis://cache.example:7000/3", &address, &err), 0);
	assert_string_equal(address.host, "cache.example");
	assert_int_equal(address.port, 7000);
	assert_int_equal(address.database, 3);
	assert_int_equal(sr_redis_url_parse("redis://[::1]:7000/", &address, &err), 0);
	assert_string_equal(address.host, "::1");
	assert_int_equal(address.port, 7000);
}

static void test_user(void **state)
{
	(void)state;
	assert_int_equal(sr_redis_url_parse("redis://:p%40ss%3a@host", &address, &err), 0);
	assert_string_equal(address.user, "");
	assert_string_equal(address.password, "p@ss:");
	assert_int_equal(sr_redis_url_parse("redis://joe:se:cret@host:1/2", &address, &err), 0);
	assert_string_equal(address.user, "joe");
	assert_string_equal(address.password, "se:cret");
	assert_string_equal(address.host, "host");
	assert_int_equal(address.database, 2);
}

static void test_unix(void **state)
{
	(void)state;
	assert_int_equal(sr_redis_url_parse("unix:///run/redis.sock", &address, &err), 0);
	assert_string_equal(address.path, "/run/redis.sock");
	assert_int_equal(sr_redis_url_parse("unix://:secret@/run/redis.sock?db=5", &address, &err), 0);
	assert_string_equal(address.path, "/run/redis.sock");
	assert_string_equal(address.password, "secret");
	assert_int_equal(address.database, 5);
}

static void test_refused(void **state)
{
	(void)state;
	static const char *const bad[] = {
	    "",
	    "127.0.0.1:6379",
	    "http://host",
	    "redis://",
	    "redis://:6379",
	    "redis://host:",
	    "redis://host:port",
	    "redis://host:0",
	    "redis://host:65536",
	    "redis://host:99999999999999999999",
	    "redis://host/x",
	    "redis://host/-1",
	    "redis://host?db=1",
	    "redis://secret@host",
	    "redis://:%zz@host",
	    "redis://:%00@host",
	    "redis://:%4@host",
	    "redis://[::1",
	    "redis://[::1]x",
	    "unix://",
	    "unix://relative",
	    "unix:///socket?db=",
	    "unix:///socket?other=1",
	    "unix:///"
	    "a-path-that-is-far-longer-than-the-hundred-and-seven-bytes-which-the-address-of-a-unix-domain-socket-can"
	    "-hold",
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (sr_redis_url_parse(bad[i], &address, &err) != -SR_EINVAL)
			fail_msg("accepted: %s", bad[i]);
	assert_int_equal(sr_redis_url_parse("rediss://host", &address, &err), -SR_ENOTSUP);
}

static void test_no_password_in_messages(void **state)
{
	(void)state;
	assert_int_equal(sr_redis_url_parse("redis://:secret@host:port", &address, &err), -SR_EINVAL);
	assert_null(strstr(err.text, "secret"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tcp),
	    cmocka_unit_test(test_user),
	    cmocka_unit_test(test_unix),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_no_password_in_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
