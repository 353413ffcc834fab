/* Ops as JSON lines. */
#include "private.h"
#include "scalerun/base/json_text.h"
#include "scalerun/engine/history_file.h"

#include <stdio.h>
#include <string.h>

#define OP        "history.write"
#define LINES_MAX ((size_t)1 << 20)
#define FLUSH_AT  ((size_t)128 << 10)

static void put_raw(struct sr_buf *buf, const char *data, size_t len)
{
	memcpy(buf->data + buf->len, data, len); /* room was made for the whole line */
	buf->len += len;
}

static void put_name(struct sr_buf *buf, const char *name)
{
	put_raw(buf, buf->len && buf->data[buf->len - 1] == '{' ? "\"" : ",\"", buf->data[buf->len - 1] == '{' ? 1 : 2);
	put_raw(buf, name, strlen(name));
	put_raw(buf, "\":", 2);
}

static void put_string(struct sr_buf *buf, const char *name, struct sr_text text)
{
	if (!text.len)
		return;
	put_name(buf, name);
	sr_json_quote(buf, text.data, text.len); /* cannot fail: there is room */
}

static void put_word(struct sr_buf *buf, const char *name, const char *word)
{
	put_string(buf, name, (struct sr_text){word, strlen(word)});
}

static void put_json(struct sr_buf *buf, const char *name, struct sr_text json)
{
	if (!json.len)
		return;
	put_name(buf, name);
	put_raw(buf, json.data, json.len);
}

static void put_number(struct sr_buf *buf, const char *name, int64_t number)
{
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	char digits[24], *at = digits + sizeof(digits);

	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (number < 0)
		*--at = '-';
	put_name(buf, name);
	put_raw(buf, at, (size_t)(digits + sizeof(digits) - at));
}

static int put_line(struct sr_buf *buf, const char *scenario, const struct sr_history_op *op)
{
	const struct sr_history_labels *labels = sr_history_labels(op->history);
	/* Six times a text: every byte may become \u00xx. */
	size_t most =
	    1024 +
	    6 * (op->key.len + strlen(labels->phase) + strlen(labels->arm) + strlen(labels->project) +
		 strlen(scenario) + strlen(op->kind) + strlen(op->f) + strlen(op->error) + strlen(op->replica)) +
	    op->input.len + op->output.len;

	if (sr_buf_reserve(buf, most))
		return -SR_ENOMEM;
	put_raw(buf, "{", 1);
	put_word(buf, "scenario", scenario);
	put_word(buf, "phase", labels->phase);
	put_word(buf, "arm", labels->arm);
	put_word(buf, "project", labels->project);
	put_number(buf, "user", op->user);
	put_number(buf, "iteration", op->iteration);
	put_word(buf, "kind", op->kind);
	put_word(buf, "f", op->f);
	put_string(buf, "key", op->key);
	put_json(buf, "input", op->input);
	put_json(buf, "output", op->output);
	put_word(buf, "error", op->error);
	put_word(buf, "replica", op->replica);
	put_number(buf, "attempt", op->attempt);
	put_number(buf, "scheduled_ns", op->scheduled);
	put_number(buf, "started_ns", op->started);
	put_number(buf, "ended_ns", op->ended);
	put_raw(buf, "}\n", 2);
	return 0;
}

int sr_history_write(const struct sr_history_query *query, const char *scenario, struct sr_zfile *file,
		     struct sr_error *err)
{
	struct sr_history_walk walk;
	struct sr_history_op op;
	struct sr_buf buf;
	int rc = 0;

	sr_buf_init(&buf, LINES_MAX);
	sr_history_walk_begin(&walk, query);
	while (rc == 0 && sr_history_walk_next(&walk, &op)) {
		const char *label = sr_history_labels(op.history)->scenario;

		if (put_line(&buf, label[0] ? label : scenario, &op))
			rc = sr_fail(err, SR_ENOMEM, OP, "out of memory");
		if (rc == 0 && buf.len >= FLUSH_AT) {
			rc = sr_zfile_write(file, buf.data, buf.len, err);
			sr_buf_clear(&buf);
		}
	}
	if (rc == 0 && buf.len > 0)
		rc = sr_zfile_write(file, buf.data, buf.len, err);
	sr_buf_deinit(&buf);
	return rc;
}
