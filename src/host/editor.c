/* The loop's side of the line editor. */
#include "scalerun/base/clock.h"
#include "scalerun/loop/mailbox.h"

#include "editor_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define OP       "editor"
#define LAST_JOB (5 * SR_S)

struct read_op {
	struct sr_op op;
	struct sr_editor *editor;
	enum sr_editor_outcome outcome;
	int cancelled; /* the code, or 0 */
	char *text;
	size_t len;
};

static void wake(struct sr_editor *editor)
{
	uint64_t one = 1;

	ssize_t written;

	atomic_store(&editor->abandon, true);
	written = write(editor->wake, &one, sizeof(one));
	(void)written; /* it fails only where the counter is full: it is readable then */
	pthread_mutex_lock(&editor->mutex);
	pthread_cond_broadcast(&editor->changed);
	pthread_mutex_unlock(&editor->mutex);
}

static void read_cancel(struct sr_op *op, int code)
{
	struct read_op *read_op = (struct read_op *)op;

	read_op->cancelled = code; /* the op ends when the thread has let go of the terminal */
	wake(read_op->editor);
}

static void read_free(struct sr_op *op)
{
	free(((struct read_op *)op)->text);
	free(op);
}

static const struct sr_op_class read_class = {.name = "editor.read", .cancel = read_cancel, .free = read_free};

/* The thread has a line, or the read's end. */
static void on_answer(void *arg)
{
	struct sr_editor *editor = arg;
	struct read_op *read_op = (struct read_op *)editor->op;
	uint64_t count;
	ssize_t taken;

	atomic_fetch_sub(&editor->posted, 1);
	taken = read(editor->wake, &count, sizeof(count));
	(void)taken; /* mostly nothing is there */
	atomic_store(&editor->abandon, false);
	editor->op = NULL;
	read_op->outcome = editor->outcome;
	read_op->text = sr_buf_take(&editor->line, &read_op->len);
	sr_op_finish(&read_op->op, -read_op->cancelled);
}

/* The thread waits until the line is completed. */
static void on_question(void *arg)
{
	struct sr_editor *editor = arg;
	const char *text = sr_buf_cstr(&editor->text);

	atomic_fetch_sub(&editor->posted, 1);
	if (text && !atomic_load(&editor->abandon))
		editor->complete(editor->complete_arg, text, &editor->insert, &editor->listing);
	pthread_mutex_lock(&editor->mutex);
	editor->completed = true;
	pthread_cond_broadcast(&editor->changed);
	pthread_mutex_unlock(&editor->mutex);
}

static void release(struct sr_editor *editor)
{
	if (editor->wake >= 0)
		close(editor->wake);
	sr_buf_deinit(&editor->line);
	sr_buf_deinit(&editor->text);
	sr_buf_deinit(&editor->insert);
	sr_buf_deinit(&editor->listing);
	sr_buf_deinit(&editor->input);
	pthread_cond_destroy(&editor->changed);
	pthread_mutex_destroy(&editor->mutex);
	free(editor->prompt);
	free(editor->history);
	free(editor);
}

int sr_editor_open(struct sr_editor **out, const struct sr_editor_options *options, struct sr_error *err)
{
	struct sr_editor *editor = calloc(1, sizeof(*editor));
	int errnum;

	if (!editor)
		return sr_fail(err, SR_ENOMEM, OP, "out of memory");
	pthread_mutex_init(&editor->mutex, NULL);
	pthread_cond_init(&editor->changed, NULL);
	sr_buf_init(&editor->line, LINE_MAX_BYTES);
	sr_buf_init(&editor->text, LINE_MAX_BYTES);
	sr_buf_init(&editor->insert, LINE_MAX_BYTES);
	sr_buf_init(&editor->listing, LINE_MAX_BYTES);
	sr_buf_init(&editor->input, LINE_MAX_BYTES);
	editor->loop = options->loop;
	editor->complete = options->complete;
	editor->complete_arg = options->arg;
	editor->answer = (struct sr_job){.fn = on_answer, .arg = editor};
	editor->question = (struct sr_job){.fn = on_question, .arg = editor};
	editor->history = options->history ? strdup(options->history) : NULL;
	editor->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	errnum = editor->wake < 0 ? errno : pthread_create(&editor->thread, NULL, editor_thread, editor);
	if (errnum) {
		release(editor);
		return sr_fail_errno(err, SR_EIO, errnum, OP, "cannot start the thread that reads lines");
	}
	*out = editor;
	return 0;
}

static bool has_posted(void *arg)
{
	return atomic_load(&((struct sr_editor *)arg)->posted) > 0;
}

void sr_editor_close(struct sr_editor *editor)
{
	if (!editor)
		return;
	pthread_mutex_lock(&editor->mutex);
	editor->quit = true;
	pthread_cond_broadcast(&editor->changed);
	pthread_mutex_unlock(&editor->mutex);
	wake(editor);
	pthread_join(editor->thread, NULL);
	sr_loop_run_while(editor->loop, has_posted, editor, sr_now() + LAST_JOB);
	release(editor);
}

struct sr_op *sr_editor_read(struct sr_editor *editor, const char *prompt, struct sr_error *err)
{
	struct read_op *read_op;
	char *copy;

	if (editor->op) {
		sr_fail(err, SR_ESTATE, OP, "a line is being read already");
		return NULL;
	}
	read_op = calloc(1, sizeof(*read_op));
	copy = strdup(prompt);
	if (!read_op || !copy) {
		free(read_op);
		free(copy);
		sr_fail(err, SR_ENOMEM, OP, "out of memory");
		return NULL;
	}
	sr_op_init(&read_op->op, editor->loop, &read_class);
	read_op->editor = editor;
	editor->op = &read_op->op;
	sr_op_begin(&read_op->op, SR_NEVER);
	free(editor->prompt);
	editor->prompt = copy;
	pthread_mutex_lock(&editor->mutex);
	editor->wanted = true;
	pthread_cond_broadcast(&editor->changed);
	pthread_mutex_unlock(&editor->mutex);
	return &read_op->op;
}

enum sr_editor_outcome sr_editor_result(const struct sr_op *op, const char **text, size_t *len)
{
	const struct read_op *read_op = (const struct read_op *)op;

	*text = read_op->text ? read_op->text : "";
	*len = read_op->len;
	return read_op->outcome;
}
