/* Reading ops from JSON lines: a line is a flat object, whose input and output are passed on as they stand. */
#include "private.h"
#include "scalerun/engine/history_file.h"

#include <stdlib.h>
#include <string.h>

#define OP        "history.read"
#define DEPTH_MAX 100

struct reader {
	const char *at, *end;
	struct sr_buf *scratch;
	struct sr_history_op *op;
	struct sr_history_labels *labels;
};

static bool take(struct reader *reader, char c)
{
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t'))
		reader->at++;
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

/* The raw text of a string, without its quotes. */
static bool raw_string(struct reader *reader, struct sr_text *raw)
{
	const char *from;

	if (!take(reader, '"'))
		return false;
	for (from = reader->at; reader->at < reader->end && *reader->at != '"'; reader->at++)
		if (*reader->at == '\\' && ++reader->at == reader->end)
			return false;
	if (reader->at == reader->end)
		return false;
	*raw = (struct sr_text){from, (size_t)(reader->at++ - from)};
	return true;
}

/* Passes over a value; what it says inside is for those who look at it. */
static bool raw_value(struct reader *reader, struct sr_text *raw)
{
	const char *from;
	int depth = 0;

	while (reader->at < reader->end && *reader->at == ' ')
		reader->at++;
	for (from = reader->at; reader->at < reader->end; reader->at++) {
		char c = *reader->at;
		struct sr_text string;

		if (c == '"') {
			if (!raw_string(reader, &string))
				return false;
			reader->at--;
		} else if (c == '{' || c == '[') {
			if (++depth > DEPTH_MAX)
				return false;
		} else if (c == '}' || c == ']' || c == ',') {
			if (depth == 0)
				break;
			depth -= c != ',';
		}
	}
	*raw = (struct sr_text){from, (size_t)(reader->at - from)};
	return depth == 0 && raw->len > 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The code point of four digits, or -1. */
static int32_t hex_point(const char *at, const char *end)
{
	int32_t point = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(at[i]);

		if (digit < 0)
			return -1;
		point = point * 16 + digit;
	}
	return point;
}

static char *put_point(char *to, int32_t point)
{
	if (point < 0x80) {
		*to++ = (char)point;
	} else if (point < 0x800) {
		*to++ = (char)(0xc0 | point >> 6);
		*to++ = (char)(0x80 | (point & 0x3f));
	} else if (point < 0x10000) {
		*to++ = (char)(0xe0 | point >> 12);
		*to++ = (char)(0x80 | (point >> 6 & 0x3f));
		*to++ = (char)(0x80 | (point & 0x3f));
	} else {
		*to++ = (char)(0xf0 | point >> 18);
		*to++ = (char)(0x80 | (point >> 12 & 0x3f));
		*to++ = (char)(0x80 | (point >> 6 & 0x3f));
		*to++ = (char)(0x80 | (point & 0x3f));
	}
	return to;
}

/* What an escape at *at (behind the backslash) stands for; NULL where it is none. */
static char *unescape(const char **at, const char *end, char *to)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name = strchr(names, **at);
	int32_t point, low;

	if (**at && name) {
		*to++ = values[name - names];
		(*at)++;
		return to;
	}
	point = **at == 'u' ? hex_point(*at + 1, end) : -1;
	if (point < 0)
		return NULL;
	*at += 5;
	if (point >= 0xd800 && point < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
		low = hex_point(*at + 2, end);
		if (low >= 0xdc00 && low < 0xe000) {
			point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
			*at += 6;
		}
	}
	return put_point(to, point);
}

/* A string, unescaped into scratch (which has room for the line) with a 0 behind it. */
static bool string(struct reader *reader, struct sr_text *text)
{
	struct sr_buf *scratch = reader->scratch;
	char *from = scratch->data + scratch->len, *to = from;
	struct sr_text raw;

	if (!raw_string(reader, &raw))
		return false;
	for (const char *at = raw.data, *end = raw.data + raw.len; at < end;) {
		if (*at != '\\') {
			*to++ = *at++;
			continue;
		}
		at++;
		to = unescape(&at, end, to);
		if (!to)
			return false;
	}
	*to++ = 0;
	scratch->len += (size_t)(to - from);
	*text = (struct sr_text){from, (size_t)(to - from - 1)};
	return true;
}

static bool word(struct reader *reader, const char **to)
{
	struct sr_text text;

	if (!string(reader, &text))
		return false;
	*to = text.data;
	return strlen(text.data) == text.len;
}

static bool number(struct reader *reader, int64_t *value)
{
	struct sr_text raw;
	size_t i = 0;
	bool negative;

	if (!raw_value(reader, &raw))
		return false;
	while (raw.len && raw.data[raw.len - 1] == ' ')
		raw.len--;
	negative = raw.len > 0 && raw.data[0] == '-';
	*value = 0;
	for (i = negative; i < raw.len; i++) {
		if (raw.data[i] < '0' || raw.data[i] > '9' || i > 18)
			return false;
		*value = *value * 10 + (raw.data[i] - '0');
	}
	if (negative)
		*value = -*value;
	return raw.len > (size_t)negative;
}

enum name {
	SCENARIO,
	PHASE,
	ARM,
	PROJECT,
	KIND,
	F,
	ERROR,
	REPLICA,
	KEY,
	INPUT,
	OUTPUT,
	SCHEDULED,
	STARTED,
	ENDED,
	USER,
	ITERATION,
	ATTEMPT,
	UNKNOWN
};

static enum name name_of(struct sr_text name)
{
#define NAME(text)                                                                                                     \
	{                                                                                                              \
		text, sizeof(text) - 1                                                                                 \
	}
	static const struct {
		const char *text;
		size_t len;
	} names[UNKNOWN] = {
	    NAME("scenario"),  NAME("phase"),        NAME("arm"),        NAME("project"),  NAME("kind"),
	    NAME("f"),         NAME("error"),        NAME("replica"),    NAME("key"),      NAME("input"),
	    NAME("output"),    NAME("scheduled_ns"), NAME("started_ns"), NAME("ended_ns"), NAME("user"),
	    NAME("iteration"), NAME("attempt"),
	};
#undef NAME

	for (int i = 0; i < UNKNOWN; i++)
		if (names[i].len == name.len && memcmp(names[i].text, name.data, name.len) == 0)
			return (enum name)i;
	return UNKNOWN;
}

static bool small(struct reader *reader, int64_t most, int64_t *value)
{
	return number(reader, value) && *value >= 0 && *value <= most;
}

static bool field(struct reader *reader, struct sr_text name)
{
	struct sr_history_op *op = reader->op;
	struct sr_history_labels *labels = reader->labels;
	struct sr_text other;
	int64_t value = 0;
	bool ok;

	switch (name_of(name)) {
	case SCENARIO:
		return word(reader, &labels->scenario);
	case PHASE:
		return word(reader, &labels->phase);
	case ARM:
		return word(reader, &labels->arm);
	case PROJECT:
		return word(reader, &labels->project);
	case KIND:
		return word(reader, &op->kind);
	case F:
		return word(reader, &op->f);
	case ERROR:
		return word(reader, &op->error);
	case REPLICA:
		return word(reader, &op->replica);
	case KEY:
		return string(reader, &op->key);
	case INPUT:
		return raw_value(reader, &op->input);
	case OUTPUT:
		return raw_value(reader, &op->output);
	case SCHEDULED:
		return number(reader, &op->scheduled);
	case STARTED:
		return number(reader, &op->started);
	case ENDED:
		return number(reader, &op->ended);
	case USER:
		ok = small(reader, INT32_MAX, &value);
		op->user = (int32_t)value;
		return ok;
	case ITERATION:
		ok = small(reader, INT32_MAX, &value);
		op->iteration = (int32_t)value;
		return ok;
	case ATTEMPT:
		ok = small(reader, UINT16_MAX, &value);
		op->attempt = (uint16_t)value;
		return ok;
	case UNKNOWN:
		break;
	}
	return raw_value(reader, &other);
}

static bool fields(struct reader *reader)
{
	if (!take(reader, '{'))
		return false;
	if (take(reader, '}'))
		return true;
	do {
		struct sr_text name;

		if (!raw_string(reader, &name) || !take(reader, ':') || !field(reader, name))
			return false;
	} while (take(reader, ','));
	return take(reader, '}') && reader->at == reader->end;
}

int sr_history_parse(struct sr_text line, struct sr_buf *scratch, struct sr_history_op *op,
		     struct sr_history_labels *labels, struct sr_error *err)
{
	struct reader reader = {line.data, line.data + line.len, scratch, op, labels};

	*op = (struct sr_history_op){.attempt = 1, .kind = "", .f = "", .error = "", .replica = ""};
	*labels = (struct sr_history_labels){"", "", "", ""};
	sr_buf_clear(scratch);
	if (sr_buf_reserve(scratch, line.len + 16))
		return sr_fail(err, SR_ENOMEM, OP, "out of memory");
	if (!fields(&reader) || !op->kind[0] || !op->f[0] || !labels->project[0] || op->ended < op->started)
		return sr_fail(err, SR_EPROTO, OP, "a line is no operation: %.120s", line.data);
	return 0;
}

struct parts {
	struct sr_history **list;
	int count, cap, last;
};

static bool same(const struct sr_history_labels *a, const struct sr_history_labels *b)
{
	return strcmp(a->project, b->project) == 0 && strcmp(a->phase, b->phase) == 0 && strcmp(a->arm, b->arm) == 0 &&
	       strcmp(a->scenario, b->scenario) == 0;
}

static struct sr_history *part_of(struct parts *parts, const struct sr_history_labels *labels,
				  struct sr_history_budget *budget)
{
	struct sr_history *history;

	/* Lines of a part stand together, as a rule. */
	for (int i = 0; i < parts->count; i++) {
		int at = (parts->last + i) % parts->count;

		if (same(sr_history_labels(parts->list[at]), labels)) {
			parts->last = at;
			return parts->list[at];
		}
	}
	if (parts->count == parts->cap) {
		int cap = parts->cap ? parts->cap * 2 : 16;
		struct sr_history **bigger = realloc(parts->list, (size_t)cap * sizeof(struct sr_history *));

		if (!bigger)
			return NULL;
		parts->list = bigger;
		parts->cap = cap;
	}
	history = sr_history_new(budget);
	if (!history || sr_history_label(history, labels)) {
		sr_history_free(history);
		return NULL;
	}
	parts->last = parts->count;
	parts->list[parts->count++] = history;
	return history;
}

static int read_all(struct sr_zfile *file, struct sr_history_budget *budget, struct parts *parts,
		    struct sr_buf *scratch, struct sr_error *err)
{
	const char *line;
	size_t len;
	int rc;

	while ((rc = sr_zfile_line(file, &line, &len, err)) > 0) {
		struct sr_history_labels labels;
		struct sr_history *part;
		struct sr_history_op op;

		rc = sr_history_parse((struct sr_text){line, len}, scratch, &op, &labels, err);
		if (rc)
			return rc;
		part = part_of(parts, &labels, budget);
		if (!part)
			return sr_fail(err, SR_ENOMEM, OP, "out of memory");
		sr_history_add(part, &op);
	}
	return rc;
}

int sr_history_read(struct sr_zfile *file, struct sr_history_budget *budget, struct sr_history ***list, int *count,
		    struct sr_error *err)
{
	struct parts parts = {0};
	struct sr_buf scratch;
	int rc;

	sr_buf_init(&scratch, SR_ZFILE_LINE_MAX);
	rc = read_all(file, budget, &parts, &scratch, err);
	for (int i = 0; rc == 0 && i < parts.count; i++)
		rc = sr_history_seal(parts.list[i], err);
	sr_buf_deinit(&scratch);
	*list = parts.list;
	*count = parts.count;
	return rc;
}
