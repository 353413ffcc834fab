/* The target's MCP lists: pages, cursors, resource URIs and the cache keys made of them. */
#include "mcp/names.h"
#include "mcp/uri.h"

#include "scalerun/base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void fill(struct sr_names *names, int count)
{
	char name[16];

	sr_names_init(names);
	for (int i = count - 1; i >= 0; i--) {
		snprintf(name, sizeof(name), "n%03d", i);
		assert_int_equal(sr_names_add(names, name), 0);
	}
	sr_names_sort(names);
}

static void pages_cover_a_list_once(void **state)
{
	(void)state;
	for (int count = 0; count < 12; count++) {
		for (int size = 1; size < 14; size++) {
			struct sr_names names;
			struct sr_page page;
			char cursor[SR_NAMES_CURSOR] = "";
			int seen = 0;

			fill(&names, count);
			do {
				assert_true(sr_names_page(&names, "list", *cursor ? cursor : NULL, size, &page));
				assert_int_equal(page.begin, seen);
				assert_true(page.end - page.begin <= size);
				seen = page.end;
				strcpy(cursor, page.next);
			} while (*cursor);
			assert_int_equal(seen, count);
			sr_names_deinit(&names);
		}
	}
}

static void cursors_survive_changes_of_the_list(void **state)
{
	struct sr_names names;
	struct sr_page page, next;

	(void)state;
	fill(&names, 6);
	assert_true(sr_names_page(&names, "list", NULL, 3, &page));
	free(names.items[2]); /* the name that the cursor was made of goes away */
	names.items[2] = strdup("n001a");
	assert_true(sr_names_page(&names, "list", page.next, 3, &next));
	assert_int_equal(next.begin, 3);
	assert_int_equal(next.end, 6);
	sr_names_deinit(&names);
}

static void foreign_cursors_are_refused(void **state)
{
	struct sr_names names;
	struct sr_page page, other;
	char changed[SR_NAMES_CURSOR + 1];
	char long_one[5000];

	(void)state;
	fill(&names, 6);
	assert_true(sr_names_page(&names, "list", NULL, 3, &page));
	assert_false(sr_names_page(&names, "another", page.next, 3, &other));
	assert_false(sr_names_page(&names, "lis", page.next, 3, &other));
	assert_false(sr_names_page(&names, "list", "", 3, &other));
	assert_false(sr_names_page(&names, "list", "1", 3, &other));
	assert_false(sr_names_page(&names, "list", "not a cursor", 3, &other));
	assert_false(sr_names_page(&names, "list", "bGlzdA", 3, &other)); /* "list" alone */
	snprintf(changed, sizeof(changed), "%s=", page.next);
	assert_false(sr_names_page(&names, "list", changed, 3, &other));
	memset(long_one, 'A', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	assert_false(sr_names_page(&names, "list", long_one, 3, &other));
	sr_names_deinit(&names);
}

static void names_of_any_length_have_cursors(void **state)
{
	char name[SR_NAMES_LONGEST + 2];
	struct sr_names names;
	struct sr_page page, next;

	(void)state;
	sr_names_init(&names);
	memset(name, 'z', sizeof(name));
	name[SR_NAMES_LONGEST + 1] = '\0';
	assert_int_equal(sr_names_add(&names, name), -SR_ELIMIT);
	name[SR_NAMES_LONGEST] = '\0';
	assert_int_equal(sr_names_add(&names, name), 0);
	assert_int_equal(sr_names_add(&names, "a"), 0);
	assert_int_equal(sr_names_add(&names, "zzzzz\xc3\xa9"), 0);
	sr_names_sort(&names);
	assert_true(sr_names_page(&names, "resourceTemplates", NULL, 2, &page));
	assert_true(sr_names_page(&names, "resourceTemplates", page.next, 2, &next));
	assert_int_equal(next.begin, 2);
	sr_names_deinit(&names);
}

static void artifact_ids_follow_the_rule(void **state)
{
	static const char *const good[] = {"US-001", "EPIC-1000", "A-000", "SPIKE-123456789012345678901234567890"};
	static const char *const bad[] = {"",
					  "US",
					  "US-",
					  "US-01",
					  "us-001",
					  "US-001 ",
					  " US-001",
					  "US-00a",
					  "-001",
					  "US_001",
					  "US-001\n",
					  "US-001/..",
					  "../US-001",
					  "US-001/../X",
					  "US--001",
					  "US-\xd9\xa1\xd9\xa2\xd9\xa3",
					  "\xc3\x9cS-001",
					  "US%2D001",
					  "U.S-001",
					  ".US-001",
					  "US-0x1",
					  "US-001\\",
					  "US-1e5"};
	char long_one[4097];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!sr_uri_is_artifact_id(good[i]))
			fail_msg("refused: %s", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (sr_uri_is_artifact_id(bad[i]))
			fail_msg("taken: %s", bad[i]);
	}
	memset(long_one, '0', sizeof(long_one) - 1);
	memcpy(long_one, "US-", 3);
	long_one[4096] = '\0';
	assert_false(sr_uri_is_artifact_id(long_one));
	long_one[SR_ARTIFACT_ID_MAX + 1] = '\0';
	assert_false(sr_uri_is_artifact_id(long_one));
	long_one[SR_ARTIFACT_ID_MAX] = '\0';
	assert_true(sr_uri_is_artifact_id(long_one));
}

static void uris_name_one_thing(void **state)
{
	static const char *const bad[] = {"",
					  "mcp://",
					  "mcp://resources",
					  "mcp://resources/",
					  "mcp://resources/sdlc",
					  "mcp://resources/sdlc/",
					  "mcp://resources/sdlc/core/",
					  "mcp://resources/sdlc/other",
					  "MCP://resources/sdlc/core",
					  "mcp://resources/sdlc/core?x=1",
					  "mcp://resources/sdlc/core#x",
					  "mcp://resources/SDLC/core",
					  "mcp://resources/generators/epic",
					  "mcp://resources/patterns/",
					  "mcp://resources/patterns/../sdlc/core",
					  "mcp://resources/patterns/..",
					  "mcp://resources/patterns/.",
					  "mcp://resources/patterns/%2e%2e%2fcore",
					  "mcp://resources/patterns/..%2f..%2fetc%2fpasswd",
					  "mcp://resources/patterns/a/b",
					  "mcp://resources/patterns/Caching",
					  "mcp://resources/patterns/-a",
					  "mcp://resources/patterns/a.md",
					  "mcp://resources/patterns/\xef\xbc\x8e\xef\xbc\x8e",
					  "mcp://resources/patterns//etc/passwd",
					  "mcp://resources/artifacts/us-001",
					  "mcp://resources/artifacts/../beta/US-001",
					  "mcp://resources/artifacts/beta/US-001",
					  "mcp://resources/artifacts/US-001%00.md",
					  "file:///etc/passwd"};
	enum sr_kind kind;
	const char *name;
	char uri[SR_URI_SIZE], key[SR_URI_KEY_SIZE], again[SR_URI_SIZE];
	char long_one[4200];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (sr_uri_parse(bad[i], &kind, &name))
			fail_msg("taken: %s", bad[i]);
	}
	snprintf(long_one, sizeof(long_one), SR_URI_PREFIX "patterns/%04096d", 1);
	assert_false(sr_uri_parse(long_one, &kind, &name));
	assert_true(sr_uri_parse("mcp://resources/sdlc/core", &kind, &name));
	assert_int_equal(kind, SR_KIND_SDLC);
	assert_true(sr_uri_parse("mcp://resources/templates/epic", &kind, &name));
	assert_int_equal(kind, SR_KIND_TEMPLATES);
	assert_string_equal(name, "epic");
	sr_uri_format(uri, SR_KIND_ARTIFACTS, "US-001");
	assert_true(sr_uri_parse(uri, &kind, &name));
	assert_int_equal(kind, SR_KIND_ARTIFACTS);
	assert_string_equal(name, "US-001");
	sr_uri_format(again, kind, name);
	assert_string_equal(again, uri);
	sr_uri_cache_key(key, SR_KIND_PATTERNS, "caching");
	assert_string_equal(key, "resource:patterns:caching");
	sr_uri_cache_key(key, SR_KIND_SDLC, "core");
	assert_string_equal(key, "resource:sdlc:core");
}

/* No two documents may share a key, and no name can reach into another kind's keys. */
static void longest_names_fit_and_keys_differ(void **state)
{
	char name[102], key[SR_URI_KEY_SIZE], other[SR_URI_KEY_SIZE], uri[SR_URI_SIZE];
	enum sr_kind kind;
	const char *found;

	(void)state;
	memset(name, 'x', 101);
	name[101] = '\0';
	assert_false(sr_uri_is_name(SR_KIND_PATTERNS, name));
	name[100] = '\0';
	assert_true(sr_uri_is_name(SR_KIND_PATTERNS, name));
	sr_uri_format(uri, SR_KIND_TEMPLATES, name);
	assert_true(sr_uri_parse(uri, &kind, &found));
	assert_string_equal(found, name);
	for (int a = 0; a < SR_KINDS; a++) {
		sr_uri_cache_key(key, (enum sr_kind)a, name);
		assert_int_equal(strlen(key), strlen("resource::") + strlen(sr_kind_name((enum sr_kind)a)) + 100);
		for (int b = 0; b < a; b++) {
			sr_uri_cache_key(other, (enum sr_kind)b, name);
			assert_string_not_equal(key, other);
		}
	}
	assert_false(sr_uri_is_name(SR_KIND_PATTERNS, "a:b"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_cover_a_list_once),           cmocka_unit_test(cursors_survive_changes_of_the_list),
	    cmocka_unit_test(foreign_cursors_are_refused),       cmocka_unit_test(names_of_any_length_have_cursors),
	    cmocka_unit_test(artifact_ids_follow_the_rule),      cmocka_unit_test(uris_name_one_thing),
	    cmocka_unit_test(longest_names_fit_and_keys_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
