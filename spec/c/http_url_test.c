#include "internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void finds_where_the_path_begins(void **state)
{
	static const struct {
		const char *url;
		size_t prefix;
	} cases[] = {
	    {"http://host/path", 11},
	    {"http://host", 11},
	    {"http://host?q", 11},
	    {"http://host#f", 11},
	    {"https://a:b@host:1/x", 18},
	    {"http://[::1]:80/", 15},
	    {"", 0},
	    {"host/path", 0},
	    {"://host", 0},
	    {"http:/host", 0},
	    {"http", 0},
	    {"/x://y", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(sr_http_url_prefix(cases[i].url, strlen(cases[i].url)), cases[i].prefix);
}

static void takes_urls_apart(void **state)
{
	struct sr_http_url url;
	struct sr_error err;

	(void)state;
	assert_int_equal(sr_http_url_parse("http://a-b.example", 18, &url, &err), 0);
	assert_false(url.tls);
	assert_int_equal(url.port, 80);
	assert_int_equal(url.host_len, 11);
	assert_memory_equal(url.host, "a-b.example", 11);
	assert_null(url.user);

	assert_int_equal(sr_http_url_parse("HTTPS://me:p@ss@h:8443", 22, &url, &err), 0);
	assert_true(url.tls);
	assert_int_equal(url.port, 8443);
	assert_int_equal(url.host_len, 1);
	assert_int_equal(url.user_len, 7);
	assert_memory_equal(url.user, "me:p@ss", 7);

	assert_int_equal(sr_http_url_parse("http://[::1]:81", 15, &url, &err), 0);
	assert_true(url.ipv6);
	assert_int_equal(url.port, 81);
	assert_memory_equal(url.host, "::1", 3);
}

static void refuses_bad_urls(void **state)
{
	static const char *const cases[] = {
	    "ftp://host",        "http://",       "http://:80",         "http://host:",       "http://host:0",
	    "http://host:65536", "http://host:x", "http://ho st",       "http://ho\tst",      "http://[::1",
	    "http://[::1]x",     "http://[x y]",  "http://h\xc3\xb6st", "http://host:123456", "http://host:8 0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sr_http_url url;
		struct sr_error err = {0};

		if (sr_http_url_parse(cases[i], strlen(cases[i]), &url, &err) != -SR_EINVAL)
			fail_msg("taken: %s", cases[i]);
		assert_int_equal(err.code, SR_EINVAL);
		assert_true(strlen(err.text) > 10);
	}
}

static void shows_urls_without_passwords(void **state)
{
	static const char url[] = "https://me:secret@host/path?x=a@b";
	char out[64], small[24];

	(void)state;
	sr_http_url_show(url, sizeof url - 1, out, sizeof out);
	assert_string_equal(out, "https://host/path?x=a@b");
	sr_http_url_show(url, sizeof url - 1, small, sizeof small);
	assert_string_equal(small, "https://host/path?x=…");
	sr_http_url_show("no url\r\n", 8, out, sizeof out);
	assert_string_equal(out, "no url??");
}

static void checks_paths(void **state)
{
	struct sr_error err;
	size_t len = 9;

	(void)state;
	assert_int_equal(sr_http_target_check("/a?b=c%20", &len, &err), 0);
	assert_int_equal(len, 9);
	len = 6;
	assert_int_equal(sr_http_target_check("/a#b c", &len, &err), 0);
	assert_int_equal(len, 2);
	len = 4;
	assert_int_equal(sr_http_target_check("/a b", &len, &err), -SR_EINVAL);
	assert_non_null(strstr(err.text, "%20"));
	len = 4;
	assert_int_equal(sr_http_target_check("/a\r\n", &len, &err), -SR_EINVAL);
	len = 3;
	assert_int_equal(sr_http_target_check("/\xc3\xa9", &len, &err), -SR_EINVAL);
	assert_non_null(strstr(err.text, "%C3"));
}

static void steps_through_headers(void **state)
{
	static const char head[] = "HTTP/1.1 200 OK: fine\r\n"
				   "Content-Type:text/plain\r\n"
				   "Empty:\r\n"
				   "Set-Cookie:  a=1  \r\n"
				   "set-cookie: b=2\n"
				   "Folded: one\r\n"
				   "  two\r\n"
				   "\r\n";
	static const char *const expected[][2] = {
	    {"Content-Type", "text/plain"}, {"Empty", ""}, {"Set-Cookie", "a=1"}, {"set-cookie", "b=2"},
	    {"Folded", "one\r\n  two"},
	};
	struct sr_http_header header;
	size_t pos = 0, n = 0;

	(void)state;
	while (sr_http_head_next(head, sizeof head - 1, &pos, &header)) {
		assert_in_range(n, 0, 4);
		assert_int_equal(header.name_len, strlen(expected[n][0]));
		assert_memory_equal(header.name, expected[n][0], header.name_len);
		assert_int_equal(header.value_len, strlen(expected[n][1]));
		assert_memory_equal(header.value, expected[n][1], header.value_len);
		n++;
	}
	assert_int_equal(n, 5);
	pos = 0;
	assert_false(sr_http_head_next("", 0, &pos, &header));
	pos = 0;
	assert_false(sr_http_head_next("HTTP/1.1 200 OK\r\n\r\n", 19, &pos, &header));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_where_the_path_begins),
	    cmocka_unit_test(takes_urls_apart),
	    cmocka_unit_test(refuses_bad_urls),
	    cmocka_unit_test(shows_urls_without_passwords),
	    cmocka_unit_test(checks_paths),
	    cmocka_unit_test(steps_through_headers),
	};

	return cmocka_run_group_tests_name("http_url", tests, NULL, NULL);
}
