/* What the target writes: JSON and the Prometheus text format. */
#include "jsonw.h"
#include "prom.h"

#include "scalerun/base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static void json_nests_and_separates(void **state)
{
	struct sr_jsonw w;

	(void)state;
	sr_jsonw_init(&w, 1000);
	sr_jsonw_begin(&w, '{');
	sr_jsonw_key(&w, "a");
	sr_jsonw_begin(&w, '[');
	sr_jsonw_int(&w, -1);
	sr_jsonw_begin(&w, '{');
	sr_jsonw_end(&w, '}');
	sr_jsonw_string(&w, NULL);
	sr_jsonw_end(&w, ']');
	sr_jsonw_key(&w, "b");
	sr_jsonw_bool(&w, true);
	sr_jsonw_key(&w, "c");
	sr_jsonw_number(&w, 1.25, 3);
	sr_jsonw_key(&w, "d");
	sr_jsonw_raw(&w, "[1, 2]");
	sr_jsonw_end(&w, '}');
	assert_int_equal(w.error, 0);
	assert_string_equal(sr_buf_cstr(&w.buf), "{\"a\":[-1,{},null],\"b\":true,\"c\":1.250,\"d\":[1, 2]}");
	sr_jsonw_deinit(&w);
}

static void json_strings_survive_a_parser(void **state)
{
	static const char text[] =
	    "quote \" backslash \\ newline \n bell \a \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 end";
	struct sr_jsonw w;
	json_t *parsed;

	(void)state;
	sr_jsonw_init(&w, 1000);
	sr_jsonw_string(&w, text);
	parsed = json_loadb(w.buf.data, w.buf.len, JSON_DECODE_ANY, NULL);
	assert_non_null(parsed);
	assert_string_equal(json_string_value(parsed), text);
	json_decref(parsed);
	sr_jsonw_deinit(&w);
}

static void json_replaces_what_is_not_utf8(void **state)
{
	struct sr_jsonw w;

	(void)state;
	sr_jsonw_init(&w, 1000);
	sr_jsonw_string(&w, "a\xff"
			    "b\xc3");
	assert_string_equal(sr_buf_cstr(&w.buf), "\"a\\ufffdb\\ufffd\"");
	sr_jsonw_deinit(&w);
}

static void json_remembers_that_it_did_not_fit(void **state)
{
	struct sr_jsonw w;

	(void)state;
	sr_jsonw_init(&w, 4);
	sr_jsonw_string(&w, "too long");
	assert_int_equal(w.error, -SR_ELIMIT);
	sr_jsonw_clear(&w);
	sr_jsonw_int(&w, 1);
	assert_int_equal(w.error, 0);
	sr_jsonw_deinit(&w);
}

static void prom_escapes_and_counts_up(void **state)
{
	const struct sr_prom_label labels[] = {{"route", "/a\"b\\c\nd"}, {"status", "200"}};
	const double bounds[] = {0.001, 0.5};
	const int64_t counts[] = {3, 2, 1};
	struct sr_buf buf;
	struct sr_prom prom = {.buf = &buf};

	(void)state;
	sr_buf_init(&buf, 10000);
	sr_prom_head(&prom, "x_total", "counter", "Line\nwith \\ and \"quotes\".");
	sr_prom_sample(&prom, "x_total", NULL, 0, 12345678901);
	sr_prom_head(&prom, "d", "histogram", "Time.");
	sr_prom_histogram(&prom, "d", labels, 2, bounds, 2, counts, 1.5);
	assert_int_equal(prom.error, 0);
	assert_string_equal(sr_buf_cstr(&buf), "# HELP x_total Line\\nwith \\\\ and \"quotes\".\n"
					       "# TYPE x_total counter\n"
					       "x_total 12345678901\n"
					       "# HELP d Time.\n"
					       "# TYPE d histogram\n"
					       "d_bucket{route=\"/a\\\"b\\\\c\\nd\",status=\"200\",le=\"0.001\"} 3\n"
					       "d_bucket{route=\"/a\\\"b\\\\c\\nd\",status=\"200\",le=\"0.5\"} 5\n"
					       "d_bucket{route=\"/a\\\"b\\\\c\\nd\",status=\"200\",le=\"+Inf\"} 6\n"
					       "d_sum{route=\"/a\\\"b\\\\c\\nd\",status=\"200\"} 1.5\n"
					       "d_count{route=\"/a\\\"b\\\\c\\nd\",status=\"200\"} 6\n");
	sr_buf_deinit(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_nests_and_separates),       cmocka_unit_test(json_strings_survive_a_parser),
	    cmocka_unit_test(json_replaces_what_is_not_utf8), cmocka_unit_test(json_remembers_that_it_did_not_fit),
	    cmocka_unit_test(prom_escapes_and_counts_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
