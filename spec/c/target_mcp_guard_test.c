/* What the target's MCP endpoint makes of Host, Origin, Accept and Content-Type. */
#include "mcp/guard.h"
#include "mcp/media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct sr_guard guard = {
    .listen = "10.1.2.3",
    .hosts = {"mcp.example.org", "other.example.org:8443"},
    .origins = {"https://app.example.org"},
};

static void hosts_are_loopback_listening_or_listed(void **state)
{
	static const char *const allowed[] = {"localhost",
					      "LOCALHOST:80",
					      "127.0.0.1",
					      "127.0.0.1:41234",
					      "127.255.0.9:1",
					      "[::1]",
					      "[::1]:8080",
					      "10.1.2.3",
					      "10.1.2.3:9",
					      "mcp.example.org",
					      "MCP.example.org:1234",
					      "other.example.org:8443"};
	static const char *const refused[] = {"",
					      ":80",
					      "evil.example.com",
					      "localhost.evil.example.com",
					      "localhost.",
					      "127.0.0.1.evil.example.com",
					      "evil.example.com:127.0.0.1",
					      "127.0.0.1@evil.example.com",
					      "127.0.0.256",
					      "127.0.0",
					      "127.0.0.1:",
					      "127.1",
					      "127.0.0.1:123456",
					      "127.0.0.1:80 ",
					      " 127.0.0.1",
					      "128.0.0.1",
					      "[::1",
					      "[::2]",
					      "::1",
					      "[]",
					      "[::1]x",
					      "10.1.2.30",
					      "other.example.org",
					      "other.example.org:8444",
					      "mcp.example.org.",
					      "localhost/x"};

	(void)state;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		if (!sr_guard_host(&guard, allowed[i]))
			fail_msg("refused: %s", allowed[i]);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (sr_guard_host(&guard, refused[i]))
			fail_msg("let in: %s", refused[i]);
	}
	assert_false(sr_guard_host(&guard, NULL));
}

static void origins_are_those_of_allowed_hosts_or_listed(void **state)
{
	static const char *const allowed[] = {
	    "http://localhost", "https://localhost:3000",  "http://127.0.0.1:6274",  "http://[::1]:80",
	    "http://10.1.2.3",  "https://app.example.org", "https://mcp.example.org"};
	static const char *const refused[] = {"",
					      "null",
					      "localhost",
					      "file://",
					      "http://",
					      "http://evil.example.com",
					      "http://app.example.org",
					      "https://app.example.org.evil.example.com",
					      "ftp://localhost",
					      "http://localhost@evil.example.com",
					      "http://localhost/path",
					      "javascript://localhost"};

	(void)state;
	assert_true(sr_guard_origin(&guard, NULL));
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		if (!sr_guard_origin(&guard, allowed[i]))
			fail_msg("refused: %s", allowed[i]);
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (sr_guard_origin(&guard, refused[i]))
			fail_msg("let in: %s", refused[i]);
	}
}

static void accept_goes_by_the_most_specific_range(void **state)
{
	static const struct {
		const char *accept;
		bool json, events;
	} cases[] = {
	    {NULL, true, true},
	    {"", false, false},
	    {"*/*", true, true},
	    {"application/json, text/event-stream", true, true},
	    {"text/event-stream,application/json", true, true},
	    {"application/json", true, false},
	    {"TEXT/Event-Stream", false, true},
	    {"text/*", false, true},
	    {"text/html", false, false},
	    {"application/*;q=0.5, text/event-stream ; q=0", true, false},
	    {"*/*, application/json;q=0", false, true},
	    {"application/json;q=0.000", false, false},
	    {"application/json;q=0.001", true, false},
	    {"application/jsonx, xapplication/json", false, false},
	    {"text/html;note=\"application/json, text/event-stream\"", false, false},
	    {",,;q=1,/,application/json", true, false},
	    {"application/json;version=\"a\\\"b\";q=0", false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (sr_media_accepts(cases[i].accept, "application", "json") != cases[i].json ||
		    sr_media_accepts(cases[i].accept, "text", "event-stream") != cases[i].events)
			fail_msg("Accept: %s", cases[i].accept);
	}
}

static void content_type_is_json(void **state)
{
	(void)state;
	assert_true(sr_media_is_json("application/json"));
	assert_true(sr_media_is_json("Application/JSON; charset=utf-8"));
	assert_true(sr_media_is_json("application/json;charset=\"UTF-8\""));
	assert_false(sr_media_is_json(NULL));
	assert_false(sr_media_is_json(""));
	assert_false(sr_media_is_json("text/plain"));
	assert_false(sr_media_is_json("application/json-rpc"));
	assert_false(sr_media_is_json("application/json; charset=latin1"));
	assert_false(sr_media_is_json("multipart/form-data; x=application/json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hosts_are_loopback_listening_or_listed),
	    cmocka_unit_test(origins_are_those_of_allowed_hosts_or_listed),
	    cmocka_unit_test(accept_goes_by_the_most_specific_range),
	    cmocka_unit_test(content_type_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
