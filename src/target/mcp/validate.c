#include "mcp/validate.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SR_VALIDATE_DEPTH 32
#define SR_VALIDATE_PATH  200

struct check {
	const json_t *root;
	char *problem;
	size_t size;
};

static bool refuse(struct check *check, const char *path, const char *what, const char *allowed)
{
	snprintf(check->problem, check->size, "%s: %s%s", *path ? path : "arguments", what, allowed);
	return false;
}

static bool refuse_json(struct check *check, const char *path, const char *what, const json_t *allowed)
{
	char *text = json_dumps(allowed, JSON_COMPACT | JSON_ENCODE_ANY);

	refuse(check, path, what, text ? text : "");
	free(text);
	return false;
}

static bool is_type(const char *type, const json_t *value)
{
	return (strcmp(type, "object") == 0 && json_is_object(value)) ||
	       (strcmp(type, "array") == 0 && json_is_array(value)) ||
	       (strcmp(type, "string") == 0 && json_is_string(value)) ||
	       (strcmp(type, "integer") == 0 && json_is_integer(value)) ||
	       (strcmp(type, "number") == 0 && json_is_number(value)) ||
	       (strcmp(type, "boolean") == 0 && json_is_boolean(value)) ||
	       (strcmp(type, "null") == 0 && json_is_null(value));
}

static bool check_type(struct check *check, const json_t *type, const json_t *value, const char *path)
{
	size_t i;
	const json_t *one;

	if (json_is_string(type))
		return is_type(json_string_value(type), value) ||
		       refuse(check, path, "wrong type; allowed: ", json_string_value(type));
	json_array_foreach(type, i, one)
	{
		if (is_type(json_string_value(one), value))
			return true;
	}
	return !type || refuse_json(check, path, "wrong type; allowed: ", type);
}

static size_t characters(const json_t *text)
{
	size_t n = 0;

	for (const char *p = json_string_value(text); *p; p++)
		n += ((unsigned char)*p & 0xc0) != 0x80;
	return n;
}

static bool matches(const char *pattern, const char *text)
{
	regex_t regex;
	bool match;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB))
		return false;
	match = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return match;
}

static bool check_string(struct check *check, const json_t *schema, const json_t *value, const char *path)
{
	const json_t *least = json_object_get(schema, "minLength");
	const json_t *most = json_object_get(schema, "maxLength");
	const json_t *pattern = json_object_get(schema, "pattern");

	if (least && characters(value) < (size_t)json_integer_value(least))
		return refuse_json(check, path, "too short; allowed characters, at least: ", least);
	if (most && characters(value) > (size_t)json_integer_value(most))
		return refuse_json(check, path, "too long; allowed characters, at most: ", most);
	if (pattern && !matches(json_string_value(pattern), json_string_value(value)))
		return refuse(check, path, "malformed; allowed: ", json_string_value(pattern));
	return true;
}

static bool check_number(struct check *check, const json_t *schema, const json_t *value, const char *path)
{
	const json_t *least = json_object_get(schema, "minimum");
	const json_t *most = json_object_get(schema, "maximum");

	if (least && json_number_value(value) < json_number_value(least))
		return refuse_json(check, path, "too small; allowed, at least: ", least);
	if (most && json_number_value(value) > json_number_value(most))
		return refuse_json(check, path, "too large; allowed, at most: ", most);
	return true;
}

static bool check_enum(struct check *check, const json_t *list, const json_t *value, const char *path)
{
	size_t i;
	const json_t *one;

	json_array_foreach(list, i, one)
	{
		if (json_equal(one, value))
			return true;
	}
	return !list || refuse_json(check, path, "not one of the allowed values: ", list);
}

static bool check_value(struct check *check, const json_t *schema, const json_t *value, const char *path, int depth);

static bool check_object(struct check *check, const json_t *schema, const json_t *value, const char *path, int depth)
{
	const json_t *properties = json_object_get(schema, "properties");
	const json_t *required = json_object_get(schema, "required");
	bool closed = json_is_false(json_object_get(schema, "additionalProperties"));
	char inner[SR_VALIDATE_PATH];
	const json_t *item;
	const char *name;
	size_t i;

	json_array_foreach(required, i, item)
	{
		snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "." : "", json_string_value(item));
		if (!json_object_get(value, json_string_value(item)))
			return refuse(check, inner, "required", "");
	}
	for (void *it = json_object_iter((json_t *)value); it; it = json_object_iter_next((json_t *)value, it)) {
		name = json_object_iter_key(it);
		snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "." : "", name);
		item = json_object_get(properties, name);
		if (!item && closed)
			return refuse(check, inner, "no such argument", "");
		if (item && !check_value(check, item, json_object_iter_value(it), inner, depth))
			return false;
	}
	return true;
}

static bool check_array(struct check *check, const json_t *schema, const json_t *value, const char *path, int depth)
{
	const json_t *least = json_object_get(schema, "minItems");
	const json_t *most = json_object_get(schema, "maxItems");
	const json_t *items = json_object_get(schema, "items");
	char inner[SR_VALIDATE_PATH];
	const json_t *item;
	size_t i;

	if (least && json_array_size(value) < (size_t)json_integer_value(least))
		return refuse_json(check, path, "too few items; allowed, at least: ", least);
	if (most && json_array_size(value) > (size_t)json_integer_value(most))
		return refuse_json(check, path, "too many items; allowed, at most: ", most);
	json_array_foreach(value, i, item)
	{
		snprintf(inner, sizeof(inner), "%s[%zu]", path, i);
		if (items && !check_value(check, items, item, inner, depth))
			return false;
	}
	return true;
}

/* "#/$defs/name" */
static const json_t *resolve(const struct check *check, const json_t *schema)
{
	const char *ref = json_string_value(json_object_get(schema, "$ref"));

	if (ref && strncmp(ref, "#/$defs/", 8) == 0)
		return json_object_get(json_object_get(check->root, "$defs"), ref + 8);
	return schema;
}

static bool check_value(struct check *check, const json_t *schema, const json_t *value, const char *path, int depth)
{
	if (depth == SR_VALIDATE_DEPTH)
		return refuse(check, path, "nested too deeply", "");
	schema = resolve(check, schema);
	if (!check_type(check, json_object_get(schema, "type"), value, path) ||
	    !check_enum(check, json_object_get(schema, "enum"), value, path))
		return false;
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return check_object(check, schema, value, path, depth + 1);
	case JSON_ARRAY:
		return check_array(check, schema, value, path, depth + 1);
	case JSON_STRING:
		return check_string(check, schema, value, path);
	case JSON_INTEGER:
	case JSON_REAL:
		return check_number(check, schema, value, path);
	default:
		return true;
	}
}

bool sr_validate(const json_t *schema, const json_t *value, char *problem, size_t size)
{
	struct check check = {.root = schema, .problem = problem, .size = size};

	return check_value(&check, schema, value, "", 0);
}
