/* JSON-RPC framing of the target's MCP endpoint. */
#include "mcp/rpc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *read(const char *text, struct sr_rpc *rpc)
{
	char problem[300];
	json_t *json = sr_rpc_parse(text, strlen(text), problem, sizeof(problem));

	assert_non_null(json);
	sr_rpc_read(json, rpc);
	return json;
}

static void assert_invalid(const char *text, const char *problem, const char *id)
{
	struct sr_rpc rpc;
	json_t *json = read(text, &rpc);

	assert_int_equal(rpc.kind, SR_RPC_INVALID);
	assert_string_equal(rpc.problem, problem);
	if (id)
		assert_string_equal(json_string_value(rpc.id), id);
	else
		assert_null(rpc.id);
	json_decref(json);
}

static void requests_have_an_id_and_a_method(void **state)
{
	struct sr_rpc rpc;
	json_t *json = read("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\",\"params\":{\"x\":1}}", &rpc);

	(void)state;
	assert_int_equal(rpc.kind, SR_RPC_REQUEST);
	assert_string_equal(rpc.method, "ping");
	assert_string_equal(json_string_value(rpc.id), "a");
	assert_int_equal(json_integer_value(json_object_get(rpc.params, "x")), 1);
	json_decref(json);

	json = read("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"ping\"}", &rpc);
	assert_int_equal(rpc.kind, SR_RPC_REQUEST);
	assert_int_equal(json_integer_value(rpc.id), 0);
	assert_null(rpc.params);
	json_decref(json);
}

static void notifications_and_responses_are_told_apart(void **state)
{
	struct sr_rpc rpc;
	json_t *json = read("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", &rpc);

	(void)state;
	assert_int_equal(rpc.kind, SR_RPC_NOTIFICATION);
	json_decref(json);
	json = read("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", &rpc);
	assert_int_equal(rpc.kind, SR_RPC_RESPONSE);
	json_decref(json);
	json = read("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1,\"message\":\"\"}}", &rpc);
	assert_int_equal(rpc.kind, SR_RPC_RESPONSE);
	json_decref(json);
	json = read("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":1,\"message\":\"\"}}", &rpc);
	assert_int_equal(rpc.kind, SR_RPC_RESPONSE);
	json_decref(json);
}

static void invalid_messages_say_what_is_wrong(void **state)
{
	(void)state;
	assert_invalid("[]", "a message must be an object", NULL);
	assert_invalid("7", "a message must be an object", NULL);
	assert_invalid("{}", "jsonrpc must be \"2.0\"", NULL);
	assert_invalid("{\"jsonrpc\":\"1.0\",\"id\":\"i\",\"method\":\"ping\"}", "jsonrpc must be \"2.0\"", "i");
	assert_invalid("{\"jsonrpc\":2.0,\"id\":\"i\",\"method\":\"ping\"}", "jsonrpc must be \"2.0\"", "i");
	assert_invalid("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", "id must be a string or an integer",
		       NULL);
	assert_invalid("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", "id must be a string or an integer",
		       NULL);
	assert_invalid("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}", "id must be a string or an integer",
		       NULL);
	assert_invalid("{\"jsonrpc\":\"2.0\",\"id\":\"i\",\"method\":7}", "method must be a string", "i");
	assert_invalid("{\"jsonrpc\":\"2.0\",\"id\":\"i\",\"method\":\"ping\",\"params\":[1]}",
		       "params must be an object", "i");
	assert_invalid("{\"jsonrpc\":\"2.0\",\"id\":\"i\"}", "method is missing", "i");
	assert_invalid("{\"jsonrpc\":\"2.0\",\"id\":\"i\",\"result\":1,\"error\":{}}",
		       "a response has either result or error", "i");
	assert_invalid("{\"jsonrpc\":\"2.0\",\"result\":1}", "a result needs an id", NULL);
}

static void broken_json_is_a_parse_error(void **state)
{
	static const char deep[] = "[[[[[[[[[[";
	static const char *const broken[] = {"",         "{", "nul", "{\"a\":1,\"a\":2}", "{\"a\":\"\\u0000\"}",
					     "\"\xff\"", deep};
	char problem[300];
	char *nested = malloc(100001);

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		assert_null(sr_rpc_parse(broken[i], strlen(broken[i]), problem, sizeof(problem)));
		assert_memory_equal(problem, "Parse error: ", 13);
	}
	assert_null(sr_rpc_parse(NULL, 0, problem, sizeof(problem)));
	memset(nested, '[', 100000);
	nested[100000] = '\0';
	assert_null(sr_rpc_parse(nested, 100000, problem, sizeof(problem)));
	free(nested);
}

static void responses_carry_the_id(void **state)
{
	json_t *id = json_string("i\"");
	struct sr_jsonw out;

	(void)state;
	sr_jsonw_init(&out, 4096);
	sr_rpc_result(&out, id, "{\"a\":1}");
	assert_string_equal(sr_buf_cstr(&out.buf), "{\"jsonrpc\":\"2.0\",\"id\":\"i\\\"\",\"result\":{\"a\":1}}");
	sr_jsonw_clear(&out);
	sr_rpc_error(&out, NULL, SR_RPC_PARSE_ERROR, "no", "{\"uri\":1}");
	assert_string_equal(sr_buf_cstr(&out.buf), "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,"
						   "\"message\":\"no\",\"data\":{\"uri\":1}}}");
	sr_jsonw_deinit(&out);
	json_decref(id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests_have_an_id_and_a_method),
	    cmocka_unit_test(notifications_and_responses_are_told_apart),
	    cmocka_unit_test(invalid_messages_say_what_is_wrong),
	    cmocka_unit_test(broken_json_is_a_parse_error),
	    cmocka_unit_test(responses_carry_the_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
