/* The tools of the conformance suite. */
#include "app.h"
#include "mcp/asks.h"
#include "mcp/fixture_media.h"
#include "mcp/fixtures.h"
#include "mcp/mcp.h"
#include "pause.h"
#include "request.h"

#include <stdlib.h>

#define SR_FIXTURE_STEP (50 * SR_MS)

#define TEXT(text)     "{\"type\":\"text\",\"text\":\"" text "\"}"
#define IMAGE          "{\"type\":\"image\",\"data\":\"" SR_FIXTURE_PNG "\",\"mimeType\":\"image/png\"}"
#define AUDIO          "{\"type\":\"audio\",\"data\":\"" SR_FIXTURE_WAV "\",\"mimeType\":\"audio/wav\"}"
#define RESULT(blocks) "{\"content\":[" blocks "],\"isError\":false}"
#define RESOURCE(uri, type, text)                                                                                      \
	"{\"type\":\"resource\",\"resource\":{\"uri\":\"" uri "\",\"mimeType\":\"" type "\",\"text\":\"" text "\"}}"

static void simple_text(struct sr_call *call, const json_t *arguments)
{
	(void)arguments;
	sr_jsonw_raw(&call->result, RESULT(TEXT("This is a simple text response for testing.")));
}

static void image(struct sr_call *call, const json_t *arguments)
{
	(void)arguments;
	sr_jsonw_raw(&call->result, RESULT(IMAGE));
}

static void audio(struct sr_call *call, const json_t *arguments)
{
	(void)arguments;
	sr_jsonw_raw(&call->result, RESULT(AUDIO));
}

static void embedded(struct sr_call *call, const json_t *arguments)
{
	(void)arguments;
	sr_jsonw_raw(&call->result, RESULT(RESOURCE("test://embedded-resource", "text/plain",
						    "This is an embedded resource content.")));
}

static void mixed(struct sr_call *call, const json_t *arguments)
{
	(void)arguments;
	sr_jsonw_raw(&call->result,
		     RESULT(TEXT("Multiple content types test:") "," IMAGE "," RESOURCE(
			 "test://mixed-content-resource", "application/json", "{\\\"test\\\":\\\"data\\\"}")));
}

static void failing(struct sr_call *call, const json_t *arguments)
{
	(void)arguments;
	sr_tool_fail(call, "This tool intentionally returns an error for testing");
}

static void send_log(struct sr_call *call, const char *text)
{
	struct sr_jsonw out;

	if (!call->stream)
		return;
	sr_jsonw_init(&out, 1000);
	sr_jsonw_begin(&out, '{');
	sr_jsonw_key(&out, "jsonrpc");
	sr_jsonw_string(&out, "2.0");
	sr_jsonw_key(&out, "method");
	sr_jsonw_string(&out, "notifications/message");
	sr_jsonw_key(&out, "params");
	sr_jsonw_begin(&out, '{');
	sr_jsonw_key(&out, "level");
	sr_jsonw_string(&out, "info");
	sr_jsonw_key(&out, "data");
	sr_jsonw_string(&out, text);
	sr_jsonw_end(&out, '}');
	sr_jsonw_end(&out, '}');
	if (sr_buf_cstr(&out.buf))
		sr_stream_send(call->stream, sr_buf_cstr(&out.buf));
	sr_jsonw_deinit(&out);
}

static void logging(struct sr_call *call, const json_t *arguments)
{
	(void)arguments;
	send_log(call, "Tool execution started");
	sr_pause(SR_FIXTURE_STEP);
	send_log(call, "Tool processing data");
	sr_pause(SR_FIXTURE_STEP);
	send_log(call, "Tool execution completed");
	sr_jsonw_raw(&call->result, RESULT(TEXT("Tool with logging executed")));
}

/* 0/100 and 100/100 come from the caller of the tool, as they do for all tools. */
static void progress(struct sr_call *call, const json_t *arguments)
{
	(void)arguments;
	sr_pause(SR_FIXTURE_STEP);
	sr_call_progress(call, SR_CALL_STEPS / 2, SR_CALL_STEPS, "half");
	sr_pause(SR_FIXTURE_STEP);
	sr_jsonw_raw(&call->result, RESULT(TEXT("Tool with progress executed")));
}

/* Asks the client and makes its whole result the tool's text. Takes params. */
static void ask(struct sr_call *call, const char *method, json_t *params, const char *label)
{
	char *text = params ? json_dumps(params, JSON_COMPACT) : NULL;
	json_t *response = NULL;
	char *answer;
	json_t *line;

	json_decref(params);
	if (call->stream && text)
		response = sr_asks_request(call->req->app->mcp->asks, call->stream, method, text);
	free(text);
	if (!json_object_get(response, "result")) {
		sr_tool_fail(call, "The client has not answered %s", method);
	} else {
		answer = json_dumps(json_object_get(response, "result"), JSON_COMPACT);
		sr_jsonw_begin(&call->result, '{');
		sr_jsonw_key(&call->result, "content");
		sr_jsonw_begin(&call->result, '[');
		sr_jsonw_begin(&call->result, '{');
		sr_jsonw_key(&call->result, "type");
		sr_jsonw_string(&call->result, "text");
		sr_jsonw_key(&call->result, "text");
		line = json_sprintf("%s: %s", label, answer ? answer : "");
		sr_rpc_write(&call->result, line);
		json_decref(line);
		sr_jsonw_end(&call->result, '}');
		sr_jsonw_end(&call->result, ']');
		sr_jsonw_end(&call->result, '}');
		free(answer);
	}
	json_decref(response);
}

static void sampling(struct sr_call *call, const json_t *arguments)
{
	ask(call, "sampling/createMessage",
	    json_pack("{s:[{s:s, s:{s:s, s:O}}], s:i}", "messages", "role", "user", "content", "type", "text", "text",
		      json_object_get(arguments, "prompt"), "maxTokens", 100),
	    "LLM response");
}

static void elicit(struct sr_call *call, const char *text, const char *schema, const char *label)
{
	ask(call, "elicitation/create",
	    json_pack("{s:s, s:o}", "message", text, "requestedSchema", json_loads(schema, 0, NULL)), label);
}

static void elicitation(struct sr_call *call, const json_t *arguments)
{
	elicit(call, json_string_value(json_object_get(arguments, "message")),
	       "{\"type\":\"object\",\"properties\":{"
	       "\"username\":{\"type\":\"string\",\"description\":\"User's response\"},"
	       "\"email\":{\"type\":\"string\",\"description\":\"User's email address\"}},"
	       "\"required\":[\"username\",\"email\"]}",
	       "User response");
}

static void elicitation_defaults(struct sr_call *call, const json_t *arguments)
{
	(void)arguments;
	elicit(call, "Please confirm these values",
	       "{\"type\":\"object\",\"properties\":{"
	       "\"name\":{\"type\":\"string\",\"default\":\"John Doe\"},"
	       "\"age\":{\"type\":\"integer\",\"default\":30},"
	       "\"score\":{\"type\":\"number\",\"default\":95.5},"
	       "\"status\":{\"type\":\"string\",\"enum\":[\"active\",\"inactive\",\"pending\"],\"default\":\"active\"},"
	       "\"verified\":{\"type\":\"boolean\",\"default\":true}},\"required\":[]}",
	       "Elicitation completed");
}

static void elicitation_enums(struct sr_call *call, const json_t *arguments)
{
	(void)arguments;
	elicit(call, "Please choose",
	       "{\"type\":\"object\",\"properties\":{"
	       "\"untitledSingle\":{\"type\":\"string\",\"enum\":[\"option1\",\"option2\",\"option3\"]},"
	       "\"titledSingle\":{\"type\":\"string\",\"oneOf\":[{\"const\":\"value1\",\"title\":\"First Option\"},"
	       "{\"const\":\"value2\",\"title\":\"Second Option\"},{\"const\":\"value3\",\"title\":\"Third Option\"}]},"
	       "\"legacyEnum\":{\"type\":\"string\",\"enum\":[\"opt1\",\"opt2\",\"opt3\"],"
	       "\"enumNames\":[\"Option One\",\"Option Two\",\"Option Three\"]},"
	       "\"untitledMulti\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
	       "\"enum\":[\"option1\",\"option2\",\"option3\"]}},"
	       "\"titledMulti\":{\"type\":\"array\",\"items\":{\"anyOf\":["
	       "{\"const\":\"value1\",\"title\":\"First Choice\"},{\"const\":\"value2\",\"title\":\"Second Choice\"},"
	       "{\"const\":\"value3\",\"title\":\"Third Choice\"}]}}},\"required\":[]}",
	       "Elicitation completed");
}

const struct sr_tool sr_fixture_tools[] = {
    {"json_schema_2020_12_tool", simple_text, false},
    {"test_audio_content", audio, false},
    {"test_elicitation", elicitation, true},
    {"test_elicitation_sep1034_defaults", elicitation_defaults, true},
    {"test_elicitation_sep1330_enums", elicitation_enums, true},
    {"test_embedded_resource", embedded, false},
    {"test_error_handling", failing, false},
    {"test_image_content", image, false},
    {"test_multiple_content_types", mixed, false},
    {"test_sampling", sampling, true},
    {"test_simple_text", simple_text, false},
    {"test_tool_with_logging", logging, true},
    {"test_tool_with_progress", progress, false},
};
const int sr_fixture_tool_count = sizeof(sr_fixture_tools) / sizeof(sr_fixture_tools[0]);
