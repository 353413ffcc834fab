/* Keeping ops: rows in segments of memory, and in a file once the memory is spent. */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define OP           "history"
#define SEGMENT_SIZE ((size_t)256 << 10)

_Static_assert(SEGMENT_SIZE > sizeof(struct row) + 3 * SR_HISTORY_TEXT_MAX + 8, "an op fits a segment");

struct sr_history *sr_history_new(struct sr_history_budget *budget)
{
	struct sr_history *history = calloc(1, sizeof(*history));

	if (!history)
		return NULL;
	history->budget = budget;
	history->labels = (struct sr_history_labels){"", "", "", ""};
	history->file = -1;
	return history;
}

static void free_labels(struct sr_history_labels *labels)
{
	const char *all[] = {labels->scenario, labels->phase, labels->arm, labels->project};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] && all[i][0])
			free((char *)all[i]);
}

void sr_history_free(struct sr_history *history)
{
	if (!history)
		return;
	for (size_t i = 0; i < history->segment_count; i++) {
		if (history->segments[i].data == history->map)
			continue;
		free(history->segments[i].data);
		atomic_fetch_sub_explicit(&history->budget->used, SEGMENT_SIZE, memory_order_relaxed);
	}
	free(history->segments);
	if (history->map)
		munmap(history->map, history->spilled);
	if (history->file >= 0)
		close(history->file);
	strings_deinit(&history->strings);
	free_labels(&history->labels);
	free(history->secret);
	free(history);
}

/* False: no memory. */
static bool copy_label(const char **to, const char *from)
{
	*to = from && from[0] ? strdup(from) : "";
	return *to != NULL;
}

int sr_history_label(struct sr_history *history, const struct sr_history_labels *labels)
{
	struct sr_history_labels copy = {0};

	if (!copy_label(&copy.scenario, labels->scenario) || !copy_label(&copy.phase, labels->phase) ||
	    !copy_label(&copy.arm, labels->arm) || !copy_label(&copy.project, labels->project)) {
		free_labels(&copy);
		return -SR_ENOMEM;
	}
	free_labels(&history->labels);
	history->labels = copy;
	return 0;
}

const struct sr_history_labels *sr_history_labels(const struct sr_history *history)
{
	return &history->labels;
}

int sr_history_secret(struct sr_history *history, const char *secret)
{
	char *copy = strdup(secret);

	if (!copy)
		return -SR_ENOMEM;
	free(history->secret);
	history->secret = copy;
	return 0;
}

static int open_file(void)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (!folder || !folder[0])
		folder = "/tmp";
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || strlen(folder) + 32 > sizeof(path))
		return fd;
	strcpy(path, folder);
	strcat(path, "/scalerun-history-XXXXXX");
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

/* Writes the segment to the end of the file and empties it. */
static int spill(struct sr_history *history, struct segment *segment)
{
	size_t done = 0;

	if (history->file < 0)
		history->file = open_file();
	if (history->file < 0)
		return -SR_EIO;
	while (done < segment->len) {
		ssize_t n =
		    pwrite(history->file, segment->data + done, segment->len - done, (off_t)(history->spilled + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -SR_EIO; /* what was written lies behind the end and is written over */
		done += (size_t)n;
	}
	history->spilled += segment->len;
	segment->len = 0;
	return 0;
}

static struct segment *new_segment(struct sr_history *history)
{
	struct segment *segment;
	char *data;

	if (history->segment_count == history->segment_cap) {
		size_t cap = history->segment_cap ? history->segment_cap * 2 : 8;
		struct segment *bigger = realloc(history->segments, cap * sizeof(*bigger));

		if (!bigger)
			return NULL;
		history->segments = bigger;
		history->segment_cap = cap;
	}
	data = malloc(SEGMENT_SIZE);
	if (!data)
		return NULL;
	atomic_fetch_add_explicit(&history->budget->used, SEGMENT_SIZE, memory_order_relaxed);
	segment = &history->segments[history->segment_count++];
	*segment = (struct segment){.data = data};
	return segment;
}

/* Where a row of that size goes, or NULL. The last segment is emptied into the file, again and again, once the budget
 * is spent; those before it stay where they are. */
static struct segment *room(struct sr_history *history, size_t size)
{
	struct segment *last = history->segment_count ? &history->segments[history->segment_count - 1] : NULL;
	size_t used = atomic_load_explicit(&history->budget->used, memory_order_relaxed);

	if (last && last->len + size <= SEGMENT_SIZE)
		return last;
	if (last && (history->file >= 0 || used + SEGMENT_SIZE > history->budget->most))
		return spill(history, last) == 0 ? last : NULL;
	return new_segment(history);
}

/* The text without the secret. Its letters are struck out one by one, so that a JSON text stays one. */
static void strike(char *text, size_t len, const char *secret)
{
	size_t secret_len = strlen(secret);
	char *at;

	while (len >= secret_len && (at = memmem(text, len, secret, secret_len))) {
		memset(at, '*', secret_len);
		len -= (size_t)(at + secret_len - text);
		text = at + secret_len;
	}
}

static char *put(char *to, struct sr_text text)
{
	if (text.len)
		memcpy(to, text.data, text.len);
	return to + text.len;
}

void sr_history_add(struct sr_history *history, const struct sr_history_op *op)
{
	struct row row = {
	    .scheduled = op->scheduled,
	    .started = op->started,
	    .ended = op->ended,
	    .user = op->user,
	    .iteration = op->iteration,
	    .attempt = op->attempt,
	    .key_len = (uint32_t)op->key.len,
	    .input_len = (uint32_t)op->input.len,
	    .output_len = (uint32_t)op->output.len,
	};
	struct segment *segment = NULL;
	char *to, *texts;

	if (!history->sealed && op->key.len <= SR_HISTORY_TEXT_MAX && op->input.len <= SR_HISTORY_TEXT_MAX &&
	    op->output.len <= SR_HISTORY_TEXT_MAX)
		segment = room(history, row_size(&row));
	if (!segment) {
		history->lost++;
		return;
	}
	row.kind = strings_add(&history->strings, op->kind);
	row.f = strings_add(&history->strings, op->f);
	row.error = strings_add(&history->strings, op->error);
	row.replica = strings_add(&history->strings, op->replica);
	to = segment->data + segment->len;
	memcpy(to, &row, sizeof(row));
	texts = to + sizeof(row);
	to = put(put(put(texts, op->key), op->input), op->output);
	if (history->secret && history->secret[0])
		strike(texts, (size_t)(to - texts), history->secret);
	segment->len += row_size(&row);
	history->count++;
}

int sr_history_seal(struct sr_history *history, struct sr_error *err)
{
	struct segment *last;
	char *map;

	if (history->sealed)
		return 0;
	history->sealed = true;
	if (history->spilled == 0)
		return 0;
	/* The segment that is still being filled stays in memory; the file becomes one more. */
	last = history->segment_count < history->segment_cap
		   ? history->segments
		   : realloc(history->segments, (history->segment_cap + 1) * sizeof(*last));
	map = last ? mmap(NULL, history->spilled, PROT_READ, MAP_SHARED, history->file, 0) : MAP_FAILED;
	if (last)
		history->segments = last;
	if (map == MAP_FAILED) {
		history->lost++;
		return sr_fail_errno(err, SR_EIO, errno, OP, "what was spilled of the history cannot be read");
	}
	history->map = map;
	history->segments[history->segment_count++] = (struct segment){.data = map, .len = history->spilled};
	return 0;
}

int64_t sr_history_count(const struct sr_history *history)
{
	return history->count;
}

int64_t sr_history_lost(const struct sr_history *history)
{
	return history->lost;
}

size_t sr_history_spilled(const struct sr_history *history)
{
	return history->spilled;
}
