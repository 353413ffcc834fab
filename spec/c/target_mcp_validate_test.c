/* JSON Schema as far as the target's tools use it, and the tools' own schemas. */
#include "mcp/tools.h"
#include "mcp/validate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *json(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_DECODE_ANY, &error);

	if (!value)
		fail_msg("%s: %s", text, error.text);
	return value;
}

/* problem NULL: valid */
static void check(const char *schema_text, const char *value_text, const char *problem)
{
	json_t *schema = json(schema_text);
	json_t *value = json(value_text);
	char got[300] = "";
	bool valid = sr_validate(schema, value, got, sizeof(got));

	if (problem)
		assert_string_equal(got, problem);
	else if (!valid)
		fail_msg("%s against %s: %s", value_text, schema_text, got);
	assert_int_equal(valid, problem == NULL);
	json_decref(schema);
	json_decref(value);
}

static void types_are_checked(void **state)
{
	(void)state;
	check("{\"type\":\"object\"}", "{}", NULL);
	check("{\"type\":\"object\"}", "[]", "arguments: wrong type; allowed: object");
	check("{\"type\":\"integer\"}", "1", NULL);
	check("{\"type\":\"integer\"}", "1.5", "arguments: wrong type; allowed: integer");
	check("{\"type\":\"integer\"}", "\"1\"", "arguments: wrong type; allowed: integer");
	check("{\"type\":\"number\"}", "1.5", NULL);
	check("{\"type\":\"boolean\"}", "null", "arguments: wrong type; allowed: boolean");
	check("{\"type\":[\"string\",\"null\"]}", "null", NULL);
	check("{\"type\":[\"string\",\"null\"]}", "1", "arguments: wrong type; allowed: [\"string\",\"null\"]");
	check("{}", "[1]", NULL);
}

static void values_are_checked(void **state)
{
	(void)state;
	check("{\"minimum\":1,\"maximum\":100}", "100", NULL);
	check("{\"minimum\":1,\"maximum\":100}", "0", "arguments: too small; allowed, at least: 1");
	check("{\"minimum\":1,\"maximum\":100}", "101", "arguments: too large; allowed, at most: 100");
	check("{\"enum\":[\"a\",1]}", "1", NULL);
	check("{\"enum\":[\"a\",1]}", "\"b\"", "arguments: not one of the allowed values: [\"a\",1]");
	check("{\"minLength\":1}", "\"\"", "arguments: too short; allowed characters, at least: 1");
	check("{\"maxLength\":2}", "\"\xc3\xa9\xc3\xa9\"", NULL);
	check("{\"maxLength\":2}", "\"abc\"", "arguments: too long; allowed characters, at most: 2");
	check("{\"pattern\":\"^[A-Z]+-[0-9]{3,}$\"}", "\"US-001\"", NULL);
	check("{\"pattern\":\"^[A-Z]+-[0-9]{3,}$\"}", "\"US-001\\n\"",
	      "arguments: malformed; allowed: ^[A-Z]+-[0-9]{3,}$");
}

static void objects_and_arrays_are_looked_into(void **state)
{
	static const char schema[] =
	    "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":{\"$ref\":"
	    "\"#/$defs/n\"},\"minItems\":1,\"maxItems\":2},\"b\":{\"type\":\"object\",\"properties\":"
	    "{\"c\":{\"type\":\"string\"}},\"required\":[\"c\"]}},\"required\":[\"a\"],"
	    "\"additionalProperties\":false,\"$defs\":{\"n\":{\"type\":\"integer\"}}}";

	(void)state;
	check(schema, "{\"a\":[1]}", NULL);
	check(schema, "{\"a\":[1,2],\"b\":{\"c\":\"\",\"d\":1}}", NULL);
	check(schema, "{}", "a: required");
	check(schema, "{\"a\":[]}", "a: too few items; allowed, at least: 1");
	check(schema, "{\"a\":[1,2,3]}", "a: too many items; allowed, at most: 2");
	check(schema, "{\"a\":[1,\"2\"]}", "a[1]: wrong type; allowed: integer");
	check(schema, "{\"a\":[1],\"b\":{}}", "b.c: required");
	check(schema, "{\"a\":[1],\"b\":{\"c\":1}}", "b.c: wrong type; allowed: string");
	check(schema, "{\"a\":[1],\"project\":\"beta\"}", "project: no such argument");
}

static void hostile_shapes_end(void **state)
{
	json_t *schema = json("{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/t\"}},\"$defs\":{\"t\":{"
			      "\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/t\"}},"
			      "\"additionalProperties\":false}}}");
	json_t *value = json_object();
	char problem[300];
	char name[5000];

	(void)state;
	for (int i = 0; i < 500; i++) {
		json_t *outer = json_object();

		json_object_set_new(outer, "a", value);
		value = outer;
	}
	assert_false(sr_validate(schema, value, problem, sizeof(problem)));
	json_decref(value);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	value = json_pack("{s:{s:i}}", "a", name, 1);
	assert_false(sr_validate(schema, value, problem, sizeof(problem)));
	json_decref(value);
	json_decref(schema);
}

/* Every keyword in the tools' schemas must be one that sr_validate knows. */
static void look_for_unknown(const json_t *schema)
{
	static const char *const known[] = {"type",      "properties", "required", "additionalProperties",
					    "enum",      "default",    "minimum",  "maximum",
					    "minLength", "maxLength",  "pattern",  "items",
					    "minItems",  "maxItems"};
	const char *keyword;
	const char *name;
	json_t *value;
	json_t *inner;

	json_object_foreach((json_t *)schema, keyword, value)
	{
		size_t i = 0;

		while (i < sizeof(known) / sizeof(known[0]) && strcmp(known[i], keyword) != 0)
			i++;
		if (i == sizeof(known) / sizeof(known[0]))
			fail_msg("sr_validate does not know %s", keyword);
		if (strcmp(keyword, "items") == 0)
			look_for_unknown(value);
		if (strcmp(keyword, "properties") == 0) {
			json_object_foreach(value, name, inner)
			{
				look_for_unknown(inner);
			}
		}
	}
}

static void tools_have_schemas(void **state)
{
	json_t *tools = json(sr_tools_json);
	size_t i;
	json_t *tool;

	(void)state;
	assert_int_equal(json_array_size(tools), 8);
	json_array_foreach(tools, i, tool)
	{
		json_t *schema = json_object_get(tool, "inputSchema");

		assert_non_null(json_string_value(json_object_get(tool, "description")));
		assert_string_equal(json_string_value(json_object_get(schema, "type")), "object");
		assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
		assert_true(json_is_object(json_object_get(tool, "outputSchema")));
		look_for_unknown(schema);
	}
	json_decref(tools);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(types_are_checked),
	    cmocka_unit_test(values_are_checked),
	    cmocka_unit_test(objects_and_arrays_are_looked_into),
	    cmocka_unit_test(hostile_shapes_end),
	    cmocka_unit_test(tools_have_schemas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
