/* What editor.c (the loop's side), reader.c (the thread) and terminal.c (libedit, on the thread) share. */
#ifndef SR_EDITOR_PRIVATE_H
#define SR_EDITOR_PRIVATE_H

#include "scalerun/host/editor.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define LINE_MAX_BYTES ((size_t)16 << 20)

struct terminal;

struct sr_editor {
	struct sr_loop *loop;
	char *history;
	sr_editor_complete_fn *complete;
	void *complete_arg;
	pthread_t thread;
	int wake;            /* eventfd: readable while the thread is to stop waiting for input */
	atomic_bool abandon; /* the read under way is to end */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	/* under the mutex */
	bool wanted, quit; /* a line; the thread's end */
	bool completed;
	/* loop → thread with `wanted`, thread → loop with the job `answer` */
	char *prompt;
	enum sr_editor_outcome outcome;
	struct sr_buf line;
	/* thread → loop with the job `question`, loop → thread with `completed` */
	struct sr_buf text, insert, listing;
	struct sr_job answer, question;
	atomic_int posted; /* jobs that have not run yet */
	/* the loop's thread only */
	struct sr_op *op;
	/* the thread's only */
	struct terminal *terminal;
	struct sr_buf input; /* what was read beyond the line, where there is no terminal */
};

void *editor_thread(void *arg);

/* Waits for a byte of the input: 1, 0 at its end (or when the read is to end), -1 on an error. */
int editor_read_byte(struct sr_editor *editor, char *byte);

/* Reads a whole line as it comes. */
enum sr_editor_outcome editor_read_plain(struct sr_editor *editor);

/* Has the loop complete the line up to the cursor; false when the read is to end. */
bool editor_ask(struct sr_editor *editor, const char *text, size_t len);

/* NULL where standard input and output are not both a terminal, or libedit does not like it. */
struct terminal *terminal_new(struct sr_editor *editor);
void terminal_free(struct terminal *terminal);
enum sr_editor_outcome terminal_read(struct terminal *terminal);

#endif
