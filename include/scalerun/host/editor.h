/* Lines from whoever sits at standard input: edited, completed and kept in a history on a terminal, plain
 * elsewhere.
 *
 * libedit blocks, so that it has a thread of its own; the loop goes on while a line is typed. The terminal is in raw
 * mode only while a read is under way: then Ctrl-C is a key, that ends the read; at other times it is a signal. One
 * editor in a process. All functions are for the loop's thread. */
#ifndef SCALERUN_HOST_EDITOR_H
#define SCALERUN_HOST_EDITOR_H

#include "scalerun/base/buf.h"
#include "scalerun/base/error.h"
#include "scalerun/loop/op.h"

struct sr_editor;

/* The user asks to complete text, the line up to the cursor. Puts what is to be inserted there, and what is to be
 * shown below the line (lines, or nothing), into the buffers. Called from the loop's completion step. */
typedef void sr_editor_complete_fn(void *arg, const char *text, struct sr_buf *insert, struct sr_buf *listing);

struct sr_editor_options {
	struct sr_loop *loop;
	const char *history; /* file that keeps the lines, only its owner's; NULL: they are not kept. Copied */
	sr_editor_complete_fn *complete;
	void *arg;
};

int sr_editor_open(struct sr_editor **editor, const struct sr_editor_options *options, struct sr_error *err);

/* Ends a read that is under way, and the thread; may run the loop. NULL is allowed. */
void sr_editor_close(struct sr_editor *editor);

enum sr_editor_outcome {
	SR_EDITOR_LINE,
	SR_EDITOR_INTERRUPTED, /* Ctrl-C */
	SR_EDITOR_END,         /* Ctrl-D on an empty line, or the end of the input */
};

/* Reads one line; one read at a time. The prompt is copied, and shown on a terminal only. NULL with *err filled when
 * it cannot begin. */
struct sr_op *sr_editor_read(struct sr_editor *editor, const char *prompt, struct sr_error *err);

/* Of a read that has succeeded: its outcome, and the line without its end. Lives as long as op. */
enum sr_editor_outcome sr_editor_result(const struct sr_op *op, const char **text, size_t *len);

#endif
