#include "scalerun/binding/json.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OP        "json.decode"
#define DEPTH_MAX 200

struct parser {
	lua_State *L;
	const char *start, *at, *end;
	int depth;
	struct sr_error *err;
};

static int value(struct parser *parser);

static int fail(struct parser *parser, const char *problem)
{
	unsigned line = 1, column = 1;
	char found[32];

	for (const char *c = parser->start; c < parser->at; c++) {
		column++;
		if (*c == '\n') {
			line++;
			column = 1;
		}
	}
	if (parser->at == parser->end)
		strcpy(found, "the end");
	else if (*parser->at > 0x20 && *parser->at < 0x7f)
		snprintf(found, sizeof(found), "'%c'", *parser->at);
	else
		snprintf(found, sizeof(found), "byte 0x%02x", (unsigned char)*parser->at);
	return sr_fail(parser->err, SR_EPROTO, OP, "%s at line %u, column %u, but there is %s", problem, line, column,
		       found);
}

static void skip_blanks(struct parser *parser)
{
	while (parser->at < parser->end &&
	       (*parser->at == ' ' || *parser->at == '\n' || *parser->at == '\r' || *parser->at == '\t'))
		parser->at++;
}

static int hex4(struct parser *parser, unsigned *code)
{
	*code = 0;
	for (int i = 0; i < 4; i++, parser->at++) {
		int c = parser->at < parser->end ? (unsigned char)*parser->at : 0, digit;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (c | 0x20) - 'a' + 10;
		else
			return fail(parser, "four hexadecimal digits are expected");
		*code = *code << 4 | (unsigned)digit;
	}
	return 0;
}

static char *put_utf8(char *out, unsigned code)
{
	if (code < 0x80) {
		*out++ = (char)code;
	} else if (code < 0x800) {
		*out++ = (char)(0xc0 | code >> 6);
		*out++ = (char)(0x80 | (code & 63));
	} else if (code < 0x10000) {
		*out++ = (char)(0xe0 | code >> 12);
		*out++ = (char)(0x80 | (code >> 6 & 63));
		*out++ = (char)(0x80 | (code & 63));
	} else {
		*out++ = (char)(0xf0 | code >> 18);
		*out++ = (char)(0x80 | (code >> 12 & 63));
		*out++ = (char)(0x80 | (code >> 6 & 63));
		*out++ = (char)(0x80 | (code & 63));
	}
	return out;
}

static int unicode(struct parser *parser, char **out)
{
	unsigned code, low;
	int rc = hex4(parser, &code);

	if (rc == 0 && code >= 0xd800 && code < 0xdc00) {
		if (parser->end - parser->at < 2 || parser->at[0] != '\\' || parser->at[1] != 'u')
			return fail(parser, "the second half of a surrogate pair is expected");
		parser->at += 2;
		rc = hex4(parser, &low);
		if (rc == 0 && (low < 0xdc00 || low > 0xdfff))
			return fail(parser, "the second half of a surrogate pair is expected before this");
		code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
	} else if (rc == 0 && code >= 0xdc00 && code < 0xe000) {
		return fail(parser, "the first half of a surrogate pair is expected before this");
	}
	if (rc == 0)
		*out = put_utf8(*out, code);
	return rc;
}

static int escape(struct parser *parser, char **out)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (parser->at < parser->end && *parser->at == 'u') {
		parser->at++;
		return unicode(parser, out);
	}
	found = parser->at < parser->end && *parser->at ? strchr(names, *parser->at) : NULL;
	if (!found)
		return fail(parser, "one of \"\\/bfnrtu is expected after a backslash");
	*(*out)++ = values[found - names];
	parser->at++;
	return 0;
}

/* From the first backslash on. What an escape stands for is never longer than the escape. */
static int string_with_escapes(struct parser *parser, const char *begin)
{
	luaL_Buffer buffer;
	const char *end = parser->at;
	char *start, *out;

	while (end < parser->end && *end != '"')
		end += *end == '\\' ? 2 : 1;
	if (end > parser->end)
		end = parser->end;
	start = out = luaL_buffinitsize(parser->L, &buffer, (size_t)(end - begin));
	parser->at = begin;
	while (parser->at < parser->end && *parser->at != '"') {
		if ((unsigned char)*parser->at < 0x20)
			break;
		if (*parser->at != '\\') {
			*out++ = *parser->at++;
			continue;
		}
		parser->at++;
		if (escape(parser, &out) < 0)
			return -SR_EPROTO;
	}
	luaL_pushresultsize(&buffer, (size_t)(out - start));
	return 0;
}

/* After the opening quote. */
static int string(struct parser *parser)
{
	const char *begin = parser->at;
	int rc = 0;

	while (parser->at < parser->end && *parser->at != '"' && *parser->at != '\\' &&
	       (unsigned char)*parser->at >= 0x20)
		parser->at++;
	if (parser->at < parser->end && *parser->at == '\\')
		rc = string_with_escapes(parser, begin);
	else
		lua_pushlstring(parser->L, begin, (size_t)(parser->at - begin));
	if (rc < 0)
		return rc;
	if (parser->at == parser->end || *parser->at != '"')
		return fail(parser, "the string's closing quote is expected");
	parser->at++;
	return 0;
}

static bool digits(struct parser *parser)
{
	const char *begin = parser->at;

	while (parser->at < parser->end && *parser->at >= '0' && *parser->at <= '9')
		parser->at++;
	return parser->at > begin;
}

static int number(struct parser *parser)
{
	const char *begin = parser->at;
	bool whole = true;
	long long exact;

	if (*parser->at == '-')
		parser->at++;
	if (parser->at < parser->end && *parser->at == '0')
		parser->at++;
	else if (!digits(parser))
		return fail(parser, "a digit is expected");
	if (parser->at < parser->end && *parser->at == '.') {
		whole = false;
		parser->at++;
		if (!digits(parser))
			return fail(parser, "a digit is expected");
	}
	if (parser->at < parser->end && (*parser->at | 0x20) == 'e') {
		whole = false;
		parser->at++;
		if (parser->at < parser->end && (*parser->at == '+' || *parser->at == '-'))
			parser->at++;
		if (!digits(parser))
			return fail(parser, "a digit is expected");
	}
	/* Lua's strings end with a 0, so that these two end where the number does. */
	if (whole) {
		errno = 0;
		exact = strtoll(begin, NULL, 10);
		if (errno == 0) {
			lua_pushinteger(parser->L, exact);
			return 0;
		}
	}
	lua_pushnumber(parser->L, strtod(begin, NULL));
	return 0;
}

static int word(struct parser *parser, const char *text, size_t len)
{
	if ((size_t)(parser->end - parser->at) < len || memcmp(parser->at, text, len) != 0)
		return fail(parser, "a value is expected");
	parser->at += len;
	return 0;
}

/* The table is on top of the stack. After each element comes a comma or the closing character. */
static int separator(struct parser *parser, char close, bool *closed)
{
	skip_blanks(parser);
	*closed = parser->at < parser->end && *parser->at == close;
	if (!*closed && (parser->at == parser->end || *parser->at != ','))
		return fail(parser, close == ']' ? "',' or ']' is expected" : "',' or '}' is expected");
	parser->at++;
	return 0;
}

static bool is_empty(struct parser *parser, char close)
{
	skip_blanks(parser);
	if (parser->at == parser->end || *parser->at != close)
		return false;
	parser->at++;
	return true;
}

static int array(struct parser *parser)
{
	bool closed = is_empty(parser, ']');

	lua_newtable(parser->L);
	for (lua_Integer i = 1; !closed; i++) {
		if (value(parser) < 0)
			return -SR_EPROTO;
		lua_rawseti(parser->L, -2, i);
		if (separator(parser, ']', &closed) < 0)
			return -SR_EPROTO;
	}
	return 0;
}

static int object(struct parser *parser)
{
	bool closed = is_empty(parser, '}');

	lua_newtable(parser->L);
	while (!closed) {
		skip_blanks(parser);
		if (parser->at == parser->end || *parser->at != '"')
			return fail(parser, "a name in quotes is expected");
		parser->at++;
		if (string(parser) < 0)
			return -SR_EPROTO;
		skip_blanks(parser);
		if (parser->at == parser->end || *parser->at != ':')
			return fail(parser, "':' is expected");
		parser->at++;
		if (value(parser) < 0)
			return -SR_EPROTO;
		lua_rawset(parser->L, -3);
		if (separator(parser, '}', &closed) < 0)
			return -SR_EPROTO;
	}
	return 0;
}

static int nested(struct parser *parser, int (*kind)(struct parser *parser))
{
	int rc;

	if (parser->depth == DEPTH_MAX)
		return fail(parser, "no deeper nesting than 200 is expected");
	luaL_checkstack(parser->L, 6, "JSON is nested too deep");
	parser->at++;
	parser->depth++;
	rc = kind(parser);
	parser->depth--;
	return rc;
}

static int value(struct parser *parser)
{
	skip_blanks(parser);
	if (parser->at == parser->end)
		return fail(parser, "a value is expected");
	switch (*parser->at) {
	case '"':
		parser->at++;
		return string(parser);
	case '{':
		return nested(parser, object);
	case '[':
		return nested(parser, array);
	case 't':
		lua_pushboolean(parser->L, 1);
		return word(parser, "true", 4);
	case 'f':
		lua_pushboolean(parser->L, 0);
		return word(parser, "false", 5);
	case 'n':
		lua_pushlightuserdata(parser->L, NULL);
		return word(parser, "null", 4);
	default:
		if (*parser->at == '-' || (*parser->at >= '0' && *parser->at <= '9'))
			return number(parser);
		return fail(parser, "a value is expected");
	}
}

int sr_json_decode(lua_State *L, const char *text, size_t len, struct sr_error *err)
{
	struct parser parser = {.L = L, .start = text, .at = text, .end = text + len, .err = err};
	int top = lua_gettop(L), rc;

	luaL_checkstack(L, 6, "no room for JSON");
	rc = value(&parser);
	if (rc == 0) {
		skip_blanks(&parser);
		if (parser.at < parser.end)
			rc = fail(&parser, "the end is expected");
	}
	if (rc < 0)
		lua_settop(L, top);
	return rc;
}
