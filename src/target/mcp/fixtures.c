/* Resources, prompts and methods of the conformance suite. */
#include "mcp/fixtures.h"

#include "mcp/fixture_media.h"

#include <stdio.h>
#include <string.h>

#define SR_FIXTURES_TEXT 2000

const char sr_fixtures_capabilities[] =
    "{\"resources\":{\"subscribe\":true},\"prompts\":{},\"tools\":{},\"logging\":{},\"completions\":{}}";

static const char data_prefix[] = "test://template/";
static const char data_suffix[] = "/data";

static const char *const resources[][3] = {
    {"test://static-binary", "image/png", "blob\":\"" SR_FIXTURE_PNG "\""},
    {"test://static-text", "text/plain", "text\":\"This is the content of the static text resource.\""},
    {"test://watched-resource", "text/plain", "text\":\"This resource never changes.\""},
};

static const char *const prompts[][2] = {
    {"test_prompt_with_arguments", "[{\"name\":\"arg1\",\"description\":\"First test argument\",\"required\":true},"
				   "{\"name\":\"arg2\",\"description\":\"Second test argument\",\"required\":true}]"},
    {"test_prompt_with_embedded_resource",
     "[{\"name\":\"resourceUri\",\"description\":\"URI of the resource to embed\",\"required\":true}]"},
    {"test_prompt_with_image", "[]"},
    {"test_simple_prompt", "[]"},
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void empty(struct sr_call *call)
{
	sr_jsonw_raw(&call->result, "{}");
}

static void complete(struct sr_call *call)
{
	sr_jsonw_raw(&call->result, "{\"completion\":{\"values\":[],\"total\":0,\"hasMore\":false}}");
}

sr_call_method *sr_fixtures_method(const char *name)
{
	if (strcmp(name, "completion/complete") == 0)
		return complete;
	/* without sessions there is nobody to remember a level or a subscription for */
	if (strcmp(name, "logging/setLevel") == 0 || strcmp(name, "resources/subscribe") == 0 ||
	    strcmp(name, "resources/unsubscribe") == 0)
		return empty;
	return NULL;
}

void sr_fixtures_add_resources(struct sr_names *uris)
{
	for (size_t i = 0; i < COUNT(resources); i++)
		sr_names_add(uris, resources[i][0]);
}

void sr_fixtures_add_templates(struct sr_names *uri_templates)
{
	sr_names_add(uri_templates, "test://template/{id}/data");
}

void sr_fixtures_add_prompts(struct sr_names *names)
{
	for (size_t i = 0; i < COUNT(prompts); i++)
		sr_names_add(names, prompts[i][0]);
}

/* {"<key>":"<value>","name":"<value>","description":…,<more>} */
static void write_entry(struct sr_jsonw *out, const char *key, const char *value, const char *other,
			const char *other_json)
{
	sr_jsonw_begin(out, '{');
	if (strcmp(key, "name") != 0) {
		sr_jsonw_key(out, key);
		sr_jsonw_string(out, value);
	}
	sr_jsonw_key(out, "name");
	sr_jsonw_string(out, value);
	sr_jsonw_key(out, "description");
	sr_jsonw_string(out, "A fixture of the conformance suite");
	sr_jsonw_key(out, other);
	sr_jsonw_raw(out, other_json);
	sr_jsonw_end(out, '}');
}

void sr_fixtures_write_resource(struct sr_jsonw *out, const char *uri)
{
	for (size_t i = 0; i < COUNT(resources); i++) {
		char type[64];

		snprintf(type, sizeof(type), "\"%s\"", resources[i][1]);
		if (strcmp(resources[i][0], uri) == 0)
			write_entry(out, "uri", uri, "mimeType", type);
	}
}

void sr_fixtures_write_template(struct sr_jsonw *out, const char *uri_template)
{
	write_entry(out, "uriTemplate", uri_template, "mimeType", "\"application/json\"");
}

void sr_fixtures_write_prompt(struct sr_jsonw *out, const char *name)
{
	for (size_t i = 0; i < COUNT(prompts); i++) {
		if (strcmp(prompts[i][0], name) == 0)
			write_entry(out, "name", name, "arguments", prompts[i][1]);
	}
}

/* test://template/{id}/data */
static bool read_data(struct sr_jsonw *out, const char *uri)
{
	size_t prefix = strlen(data_prefix);
	size_t len = strlen(uri);
	char text[SR_FIXTURES_TEXT];
	size_t id;

	if (strncmp(uri, data_prefix, prefix) != 0 || len <= prefix + strlen(data_suffix) ||
	    strcmp(uri + len - strlen(data_suffix), data_suffix) != 0)
		return false;
	id = len - prefix - strlen(data_suffix);
	if (id > 64 || strspn(uri + prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") < id)
		return false;
	snprintf(text, sizeof(text),
		 "{\"contents\":[{\"uri\":\"%s\",\"mimeType\":\"application/json\",\"text\":"
		 "\"{\\\"id\\\":\\\"%.*s\\\",\\\"templateTest\\\":true,\\\"data\\\":\\\"Data for ID: %.*s\\\"}\"}]}",
		 uri, (int)id, uri + prefix, (int)id, uri + prefix);
	sr_jsonw_raw(out, text);
	return true;
}

bool sr_fixtures_read(struct sr_jsonw *out, const char *uri)
{
	char text[SR_FIXTURES_TEXT];

	for (size_t i = 0; i < COUNT(resources); i++) {
		if (strcmp(resources[i][0], uri) != 0)
			continue;
		snprintf(text, sizeof(text), "{\"contents\":[{\"uri\":\"%s\",\"mimeType\":\"%s\",\"%s}]}", uri,
			 resources[i][1], resources[i][2]);
		sr_jsonw_raw(out, text);
		return true;
	}
	return read_data(out, uri);
}

static const char *argument(struct sr_call *call, const json_t *arguments, const char *name)
{
	const char *value = json_string_value(json_object_get(arguments, name));

	if (!value)
		sr_call_fail(call, SR_RPC_INVALID_PARAMS, "arguments.%s: required; allowed: a string", name);
	return value;
}

static void message(struct sr_jsonw *out, const char *content)
{
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "role");
	sr_jsonw_string(out, "user");
	sr_jsonw_key(out, "content");
	sr_jsonw_raw(out, content);
	sr_jsonw_end(out, '}');
}

static void text_message(struct sr_jsonw *out, const char *text)
{
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "role");
	sr_jsonw_string(out, "user");
	sr_jsonw_key(out, "content");
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "type");
	sr_jsonw_string(out, "text");
	sr_jsonw_key(out, "text");
	sr_jsonw_string(out, text);
	sr_jsonw_end(out, '}');
	sr_jsonw_end(out, '}');
}

static void embedded_message(struct sr_jsonw *out, const char *uri)
{
	struct sr_jsonw content;

	sr_jsonw_init(&content, SR_CALL_RESULT_MAX);
	sr_jsonw_begin(&content, '{');
	sr_jsonw_key(&content, "type");
	sr_jsonw_string(&content, "resource");
	sr_jsonw_key(&content, "resource");
	sr_jsonw_begin(&content, '{');
	sr_jsonw_key(&content, "uri");
	sr_jsonw_string(&content, uri);
	sr_jsonw_key(&content, "mimeType");
	sr_jsonw_string(&content, "text/plain");
	sr_jsonw_key(&content, "text");
	sr_jsonw_string(&content, "Embedded resource content for testing.");
	sr_jsonw_end(&content, '}');
	sr_jsonw_end(&content, '}');
	message(out, content.error || !sr_buf_cstr(&content.buf) ? "null" : sr_buf_cstr(&content.buf));
	sr_jsonw_deinit(&content);
}

static void write_messages(struct sr_call *call, const char *name, const json_t *arguments)
{
	struct sr_jsonw *out = &call->result;
	const char *first, *second;
	char text[SR_FIXTURES_TEXT];

	if (strcmp(name, "test_prompt_with_arguments") == 0) {
		first = argument(call, arguments, "arg1");
		second = first ? argument(call, arguments, "arg2") : NULL;
		if (!second)
			return;
		snprintf(text, sizeof(text), "Prompt with arguments: arg1='%s', arg2='%s'", first, second);
		text_message(out, text);
	} else if (strcmp(name, "test_prompt_with_embedded_resource") == 0) {
		first = argument(call, arguments, "resourceUri");
		if (!first)
			return;
		embedded_message(out, first);
		text_message(out, "Please process the embedded resource above.");
	} else if (strcmp(name, "test_prompt_with_image") == 0) {
		message(out, "{\"type\":\"image\",\"data\":\"" SR_FIXTURE_PNG "\",\"mimeType\":\"image/png\"}");
		text_message(out, "Please analyze the image above.");
	} else {
		text_message(out, "This is a simple prompt for testing.");
	}
}

bool sr_fixtures_get_prompt(struct sr_call *call, const char *name, const json_t *arguments)
{
	size_t i = 0;

	while (i < COUNT(prompts) && strcmp(prompts[i][0], name) != 0)
		i++;
	if (i == COUNT(prompts))
		return false;
	sr_jsonw_begin(&call->result, '{');
	sr_jsonw_key(&call->result, "messages");
	sr_jsonw_begin(&call->result, '[');
	write_messages(call, name, arguments);
	sr_jsonw_end(&call->result, ']');
	sr_jsonw_end(&call->result, '}');
	return true;
}
