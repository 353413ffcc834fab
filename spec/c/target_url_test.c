#include "artifact.h"
#include "rate.h"
#include "text.h"
#include "url.h"

#include "scalerun/base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void splits_path_and_query(void **state)
{
	struct sr_url url;
	const char *problem;
	bool repeated;

	(void)state;
	assert_int_equal(sr_url_parse(&url, "/tasks/US%2D1/a%2Fb?project=alpha&x=1+2%2B3&&empty&none=", &problem), 0);
	assert_int_equal(url.segment_count, 3);
	assert_string_equal(url.segments[0], "tasks");
	assert_string_equal(url.segments[1], "US-1");
	assert_string_equal(url.segments[2], "a/b");
	assert_int_equal(url.param_count, 4);
	assert_string_equal(sr_url_param(&url, "project", &repeated), "alpha");
	assert_false(repeated);
	assert_string_equal(sr_url_param(&url, "x", &repeated), "1 2+3");
	assert_string_equal(sr_url_param(&url, "empty", &repeated), "");
	assert_string_equal(sr_url_param(&url, "none", &repeated), "");
	assert_null(sr_url_param(&url, "other", &repeated));
	sr_url_deinit(&url);
}

static void keeps_empty_segments_apart(void **state)
{
	struct sr_url url;
	const char *problem;

	(void)state;
	assert_int_equal(sr_url_parse(&url, "/", &problem), 0);
	assert_int_equal(url.segment_count, 1);
	assert_string_equal(url.segments[0], "");
	sr_url_deinit(&url);
	assert_int_equal(sr_url_parse(&url, "/tasks/", &problem), 0);
	assert_int_equal(url.segment_count, 2);
	assert_string_equal(url.segments[1], "");
	sr_url_deinit(&url);
}

static void takes_the_absolute_form(void **state)
{
	struct sr_url url;
	const char *problem;

	(void)state;
	assert_int_equal(sr_url_parse(&url, "http://host:1/health?a=b", &problem), 0);
	assert_string_equal(url.segments[0], "health");
	assert_int_equal(url.param_count, 1);
	sr_url_deinit(&url);
}

static void tells_a_repeated_parameter(void **state)
{
	struct sr_url url;
	const char *problem;
	bool repeated;

	(void)state;
	assert_int_equal(sr_url_parse(&url, "/t?project=a&project=b", &problem), 0);
	assert_string_equal(sr_url_param(&url, "project", &repeated), "a");
	assert_true(repeated);
	sr_url_deinit(&url);
}

static void refuses_what_is_no_url(void **state)
{
	static const char *const bad[] = {
	    "/a%0",           "/a%",      "/a%zz",    "/a?b=%4", "/a?b=%g0",
	    "/a%00b",         "/a?b=%00", "/a?%00=b", "/%ff",    "/a?b=%c0%af",
	    "/a?b=%ed%a0%80", "*",        "tasks",    "",        "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sr_url url;
		const char *problem = NULL;

		assert_int_equal(sr_url_parse(&url, bad[i], &problem), -SR_EINVAL);
		assert_non_null(problem);
	}
}

static void refuses_too_many_parameters(void **state)
{
	char target[256] = "/a?";
	struct sr_url url;
	const char *problem;

	(void)state;
	for (int i = 0; i < SR_URL_PARAMS; i++)
		strcat(target, "x=1&");
	assert_int_equal(sr_url_parse(&url, target, &problem), 0);
	sr_url_deinit(&url);
	strcat(target, "x=1");
	assert_int_equal(sr_url_parse(&url, target, &problem), -SR_EINVAL);
}

static void knows_project_and_task_ids(void **state)
{
	char longest[102];

	(void)state;
	memset(longest, 'a', sizeof(longest));
	longest[101] = '\0';
	assert_false(sr_text_is_project_id(longest));
	longest[100] = '\0';
	assert_true(sr_text_is_project_id(longest));
	assert_true(sr_text_is_project_id("ai-agent"));
	assert_true(sr_text_is_project_id("0"));
	assert_false(sr_text_is_project_id(""));
	assert_false(sr_text_is_project_id("-a"));
	assert_false(sr_text_is_project_id("Alpha"));
	assert_false(sr_text_is_project_id("a_b"));
	assert_false(sr_text_is_project_id("a b"));
	assert_true(sr_text_is_task_id("TASK-001"));
	assert_true(sr_text_is_task_id("a.b_c-D9"));
	assert_false(sr_text_is_task_id("../x"));
	assert_false(sr_text_is_task_id("a/b"));
}

static void knows_uuids(void **state)
{
	(void)state;
	assert_true(sr_text_is_uuid("0b243abe-9782-4dfe-8d71-0a26f193ab9a"));
	assert_true(sr_text_is_uuid("0B243ABE-9782-4DFE-8D71-0A26F193AB9A"));
	assert_false(sr_text_is_uuid("0b243abe-9782-4dfe-8d71-0a26f193ab9"));
	assert_false(sr_text_is_uuid("0b243abe97824dfe8d710a26f193ab9a0000"));
	assert_false(sr_text_is_uuid("0b243abe-9782-4dfe-8d71-0a26f193ab9g"));
	assert_false(sr_text_is_uuid(""));
}

static void reads_numbers_in_range(void **state)
{
	int64_t n = -7;

	(void)state;
	assert_true(sr_text_to_int("0100", 1, 100, &n));
	assert_int_equal(n, 100);
	n = -7;
	assert_false(sr_text_to_int("101", 1, 100, &n));
	assert_false(sr_text_to_int("0", 1, 100, &n));
	assert_false(sr_text_to_int("", 0, 100, &n));
	assert_false(sr_text_to_int("+1", 0, 100, &n));
	assert_false(sr_text_to_int("-1", -5, 100, &n));
	assert_false(sr_text_to_int("1 ", 0, 100, &n));
	assert_false(sr_text_to_int("99999999999999999999", 0, INT64_MAX, &n));
	assert_int_equal(n, -7);
}

static void ids_never_truncate(void **state)
{
	char id[SR_ARTIFACT_ID_SIZE];

	(void)state;
	sr_artifact_id(id, "US", 1);
	assert_string_equal(id, "US-001");
	sr_artifact_id(id, "US", 999);
	assert_string_equal(id, "US-999");
	sr_artifact_id(id, "US", 1000);
	assert_string_equal(id, "US-1000");
	sr_artifact_id(id, "SPIKE", INT64_MAX);
	assert_string_equal(id, "SPIKE-9223372036854775807");
	assert_non_null(sr_artifact_type("ADR"));
	assert_null(sr_artifact_type("adr"));
	assert_null(sr_artifact_type(""));
}

static void retry_after_rounds_up(void **state)
{
	(void)state;
	assert_int_equal(sr_rate_retry_after(0), 1);
	assert_int_equal(sr_rate_retry_after(1), 1);
	assert_int_equal(sr_rate_retry_after(1000000), 1);
	assert_int_equal(sr_rate_retry_after(1000001), 2);
	assert_int_equal(sr_rate_retry_after(60000000), 60);
	assert_int_equal(sr_rate_retry_after(999000000), 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(splits_path_and_query),      cmocka_unit_test(keeps_empty_segments_apart),
	    cmocka_unit_test(takes_the_absolute_form),    cmocka_unit_test(tells_a_repeated_parameter),
	    cmocka_unit_test(refuses_what_is_no_url),     cmocka_unit_test(refuses_too_many_parameters),
	    cmocka_unit_test(knows_project_and_task_ids), cmocka_unit_test(knows_uuids),
	    cmocka_unit_test(reads_numbers_in_range),     cmocka_unit_test(ids_never_truncate),
	    cmocka_unit_test(retry_after_rounds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
