/* The line editor's thread. */
#include "scalerun/loop/mailbox.h"

#include "editor_private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Waits until there is input: true, or false when the read is to end. */
static bool wait_for_input(struct sr_editor *editor)
{
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = editor->wake, .events = POLLIN}};

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return false;
	return !fds[1].revents && !atomic_load(&editor->abandon);
}

static ssize_t read_input(struct sr_editor *editor, char *bytes, size_t size)
{
	ssize_t len;

	do {
		if (!wait_for_input(editor))
			return 0;
		len = read(STDIN_FILENO, bytes, size);
	} while (len < 0 && (errno == EINTR || errno == EAGAIN));
	return len;
}

int editor_read_byte(struct sr_editor *editor, char *byte)
{
	return (int)read_input(editor, byte, 1);
}

enum sr_editor_outcome editor_read_plain(struct sr_editor *editor)
{
	struct sr_buf *input = &editor->input;
	char bytes[4096];
	ssize_t len;
	char *end;

	while (!(end = input->len ? memchr(input->data, '\n', input->len) : NULL)) {
		len = read_input(editor, bytes, sizeof(bytes));
		if (len <= 0 || sr_buf_append(input, bytes, (size_t)len))
			break;
	}
	if (!input->len)
		return SR_EDITOR_END;
	len = end ? end - input->data : (ssize_t)input->len; /* the last line may lack its end */
	sr_buf_append(&editor->line, input->data, (size_t)len);
	sr_buf_consume(input, (size_t)len + (end ? 1 : 0));
	return SR_EDITOR_LINE;
}

static void post(struct sr_editor *editor, struct sr_job *job)
{
	atomic_fetch_add(&editor->posted, 1);
	if (sr_mailbox_post(editor->loop, job))
		atomic_fetch_sub(&editor->posted, 1);
}

bool editor_ask(struct sr_editor *editor, const char *text, size_t len)
{
	bool completed;

	sr_buf_clear(&editor->text);
	sr_buf_clear(&editor->insert);
	sr_buf_clear(&editor->listing);
	if (sr_buf_append(&editor->text, text, len))
		return false;
	editor->completed = false;
	post(editor, &editor->question);
	pthread_mutex_lock(&editor->mutex);
	while (!editor->completed && !editor->quit)
		pthread_cond_wait(&editor->changed, &editor->mutex);
	completed = editor->completed;
	pthread_mutex_unlock(&editor->mutex);
	return completed;
}

/* Whether a line is wanted, rather than the thread's end. */
static bool wait_for_order(struct sr_editor *editor)
{
	bool wanted;

	pthread_mutex_lock(&editor->mutex);
	while (!editor->wanted && !editor->quit)
		pthread_cond_wait(&editor->changed, &editor->mutex);
	wanted = editor->wanted;
	editor->wanted = false;
	pthread_mutex_unlock(&editor->mutex);
	return wanted;
}

void *editor_thread(void *arg)
{
	struct sr_editor *editor = arg;

	pthread_setname_np(pthread_self(), "editor");
	editor->terminal = terminal_new(editor);
	while (wait_for_order(editor)) {
		sr_buf_clear(&editor->line);
		editor->outcome = editor->terminal ? terminal_read(editor->terminal) : editor_read_plain(editor);
		post(editor, &editor->answer);
	}
	terminal_free(editor->terminal);
	return NULL;
}
