/* libedit, on the line editor's thread. */
#include "editor_private.h"

#include <fcntl.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HISTORY_SIZE 1000

struct terminal {
	struct sr_editor *editor;
	EditLine *el;
	History *history;
	bool interrupted;
};

static struct terminal *terminal_of(EditLine *el)
{
	struct terminal *terminal;

	el_get(el, EL_CLIENTDATA, &terminal);
	return terminal;
}

static char *prompt_of(EditLine *el)
{
	return terminal_of(el)->editor->prompt;
}

/* The next character: 1, 0 at the end, -1 on an error. */
static int next_char(EditLine *el, wchar_t *out)
{
	struct sr_editor *editor = terminal_of(el)->editor;
	mbstate_t state = {0};
	char byte;

	for (;;) {
		int rc = editor_read_byte(editor, &byte);
		size_t used;

		if (rc <= 0)
			return rc;
		used = mbrtowc(out, &byte, 1, &state);
		if (used == (size_t)-1) { /* not a character: begin again with the next byte */
			memset(&state, 0, sizeof(state));
		} else if (used != (size_t)-2) {
			return 1;
		}
	}
}

static unsigned char on_interrupt(EditLine *el, int key)
{
	(void)key;
	terminal_of(el)->interrupted = true;
	return CC_EOF;
}

static unsigned char on_complete(EditLine *el, int key)
{
	struct sr_editor *editor = terminal_of(el)->editor;
	const LineInfo *line = el_line(el);
	const char *insert, *listing;

	(void)key;
	if (!editor_ask(editor, line->buffer, (size_t)(line->cursor - line->buffer)))
		return CC_ERROR;
	insert = sr_buf_cstr(&editor->insert);
	listing = sr_buf_cstr(&editor->listing);
	if (!insert || !listing || (!*insert && !*listing))
		return CC_ERROR; /* beeps */
	if (*insert && el_insertstr(el, insert) != 0)
		return CC_ERROR;
	if (*listing) {
		printf("\n%s\n", listing);
		fflush(stdout);
		return CC_REDISPLAY;
	}
	return CC_REFRESH;
}

/* Lines hold what people type, characters of all languages among it. */
static void set_locale(void)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

static void open_history(struct terminal *terminal)
{
	const char *path = terminal->editor->history;
	HistEvent event;
	int fd;

	terminal->history = history_init();
	if (!terminal->history)
		return;
	history(terminal->history, &event, H_SETSIZE, HISTORY_SIZE);
	history(terminal->history, &event, H_SETUNIQUE, 1);
	el_set(terminal->el, EL_HIST, history, terminal->history);
	if (!path)
		return;
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600); /* its owner's from the first byte on */
	if (fd >= 0) {
		fchmod(fd, 0600);
		close(fd);
		history(terminal->history, &event, H_LOAD, path);
	}
}

struct terminal *terminal_new(struct sr_editor *editor)
{
	struct terminal *terminal;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return NULL;
	terminal = calloc(1, sizeof(*terminal));
	if (!terminal)
		return NULL;
	set_locale();
	terminal->editor = editor;
	terminal->el = el_init("scalerun", stdin, stdout, stderr);
	if (!terminal->el) {
		free(terminal);
		return NULL;
	}
	el_set(terminal->el, EL_CLIENTDATA, terminal);
	el_set(terminal->el, EL_PROMPT, prompt_of);
	el_set(terminal->el, EL_EDITOR, "emacs");
	el_set(terminal->el, EL_SIGNAL, 0);
	el_set(terminal->el, EL_GETCFN, next_char);
	el_set(terminal->el, EL_SETTY, "-d", "-isig", NULL);
	el_set(terminal->el, EL_ADDFN, "sr-interrupt", "Ends the line", on_interrupt);
	el_set(terminal->el, EL_ADDFN, "sr-complete", "Completes the word", on_complete);
	el_set(terminal->el, EL_BIND, "^C", "sr-interrupt", NULL);
	el_set(terminal->el, EL_BIND, "^I", "sr-complete", NULL);
	el_set(terminal->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	open_history(terminal);
	return terminal;
}

void terminal_free(struct terminal *terminal)
{
	if (!terminal)
		return;
	if (terminal->history)
		history_end(terminal->history);
	el_end(terminal->el);
	free(terminal);
}

static void keep(struct terminal *terminal, const char *text)
{
	HistEvent event;

	if (!terminal->history || text[strspn(text, " \t")] == '\0')
		return;
	history(terminal->history, &event, H_ENTER, text);
	if (terminal->editor->history)
		history(terminal->history, &event, H_SAVE, terminal->editor->history);
}

enum sr_editor_outcome terminal_read(struct terminal *terminal)
{
	struct sr_editor *editor = terminal->editor;
	const char *text;
	int len = 0;

	terminal->interrupted = false;
	el_resize(terminal->el);
	text = el_gets(terminal->el, &len);
	if (!text || len <= 0) {
		fputs(terminal->interrupted ? "^C\n" : "\n", stdout);
		fflush(stdout);
		return terminal->interrupted ? SR_EDITOR_INTERRUPTED : SR_EDITOR_END;
	}
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	sr_buf_append(&editor->line, text, (size_t)len);
	text = sr_buf_cstr(&editor->line);
	if (text)
		keep(terminal, text);
	return SR_EDITOR_LINE;
}
