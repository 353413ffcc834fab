/* Which statement is known, and which goes when there is no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "statements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pg_statement *add(struct pg_statements *set, const char *sql)
{
	struct pg_statement *made = sr_pg_statements_add(set, sql, strlen(sql));

	assert_non_null(made);
	made->parsed = true;
	return made;
}

static struct pg_statement *find(struct pg_statements *set, const char *sql)
{
	return sr_pg_statements_find(set, sql, strlen(sql));
}

static void finds_by_the_whole_text(void **state)
{
	struct pg_statements set;

	(void)state;
	assert_int_equal(sr_pg_statements_init(&set, 4), 0);
	add(&set, "SELECT 1");
	assert_non_null(find(&set, "SELECT 1"));
	assert_null(find(&set, "SELECT 12"));
	assert_null(find(&set, "SELECT "));
	assert_null(sr_pg_statements_find(&set, "SELECT 1", 7));
	sr_pg_statements_deinit(&set);
}

static void least_recently_used_goes_first(void **state)
{
	struct pg_statements set;

	(void)state;
	sr_pg_statements_init(&set, 3);
	add(&set, "a");
	add(&set, "b");
	add(&set, "c");
	assert_true(sr_pg_statements_full(&set));
	assert_null(sr_pg_statements_add(&set, "d", 1));
	find(&set, "a");
	assert_int_equal(sr_pg_statements_victim(&set)->sql[0], 'b');
	sr_pg_statements_remove(&set, sr_pg_statements_victim(&set));
	add(&set, "d");
	assert_int_equal(sr_pg_statements_victim(&set)->sql[0], 'c');
	sr_pg_statements_deinit(&set);
}

static void stale_goes_before_all_and_is_not_found(void **state)
{
	struct pg_statements set;

	(void)state;
	sr_pg_statements_init(&set, 3);
	add(&set, "a");
	add(&set, "b")->stale = true;
	assert_null(find(&set, "b"));
	assert_int_equal(sr_pg_statements_victim(&set)->sql[0], 'b');
	assert_non_null(sr_pg_statements_add(&set, "b", 1));
	assert_non_null(find(&set, "b"));
	sr_pg_statements_deinit(&set);
}

static void unparsed_stays(void **state)
{
	struct pg_statements set;

	(void)state;
	sr_pg_statements_init(&set, 1);
	add(&set, "a")->parsed = false;
	assert_null(sr_pg_statements_victim(&set));
	sr_pg_statements_deinit(&set);
}

static void names_are_never_used_twice(void **state)
{
	struct pg_statements set;
	char first[PG_STATEMENT_NAME], second[PG_STATEMENT_NAME];
	struct pg_statement *made;

	(void)state;
	sr_pg_statements_init(&set, 1);
	made = add(&set, "a");
	sr_pg_statement_name(made->id, first);
	assert_ptr_equal(sr_pg_statements_get(&set, made->id), made);
	sr_pg_statements_remove(&set, made);
	made = add(&set, "a");
	sr_pg_statement_name(made->id, second);
	assert_string_not_equal(first, second);
	sr_pg_statements_deinit(&set);
}

static void refuses_long_texts(void **state)
{
	struct pg_statements set;
	char *text = malloc(PG_STATEMENT_TEXT + 1);

	(void)state;
	memset(text, 'x', PG_STATEMENT_TEXT + 1);
	sr_pg_statements_init(&set, 2);
	assert_null(sr_pg_statements_add(&set, text, PG_STATEMENT_TEXT + 1));
	assert_non_null(sr_pg_statements_add(&set, text, PG_STATEMENT_TEXT));
	sr_pg_statements_deinit(&set);
	free(text);
}

static void keeps_thousands_apart(void **state)
{
	struct pg_statements set;
	char sql[32];

	(void)state;
	sr_pg_statements_init(&set, 1000);
	for (int i = 0; i < 5000; i++) {
		snprintf(sql, sizeof sql, "SELECT %d", i);
		if (sr_pg_statements_full(&set))
			sr_pg_statements_remove(&set, sr_pg_statements_victim(&set));
		add(&set, sql);
	}
	assert_null(find(&set, "SELECT 3999"));
	assert_non_null(find(&set, "SELECT 4000"));
	assert_int_equal(set.count, 1000);
	sr_pg_statements_deinit(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_by_the_whole_text),
	    cmocka_unit_test(least_recently_used_goes_first),
	    cmocka_unit_test(stale_goes_before_all_and_is_not_found),
	    cmocka_unit_test(unparsed_stays),
	    cmocka_unit_test(names_are_never_used_twice),
	    cmocka_unit_test(refuses_long_texts),
	    cmocka_unit_test(keeps_thousands_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
