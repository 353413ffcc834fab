/* What the files of this folder share. */
#ifndef SR_HISTORY_PRIVATE_H
#define SR_HISTORY_PRIVATE_H

#include "scalerun/base/buf.h"
#include "scalerun/engine/history.h"

/* Short texts that many ops have in common, each kept once; the number 0 is "". */
struct strings {
	char **names;
	uint16_t *slots; /* number + 1, 0 where free */
	unsigned count, slot_count;
};

void strings_deinit(struct strings *strings);

/* The number of a name, made on first use; that of "other" for want of room or memory. */
uint16_t strings_add(struct strings *strings, const char *name);

/* -1: no op has it. */
int strings_find(const struct strings *strings, const char *name);

static inline const char *strings_name(const struct strings *strings, unsigned number)
{
	return number ? strings->names[number] : "";
}

/* An op as it is kept; key, input and output follow. Rows begin at multiples of 8. */
struct row {
	int64_t scheduled, started, ended;
	int32_t user, iteration;
	uint16_t attempt, kind, f, error, replica, reserved;
	uint32_t key_len, input_len, output_len;
};

struct segment {
	char *data;
	size_t len;
};

struct sr_history {
	struct sr_history_budget *budget;
	struct sr_history_labels labels;
	char *secret; /* or NULL */
	struct strings strings;
	struct segment *segments; /* in memory; the last is being filled */
	size_t segment_count, segment_cap;
	int file;       /* -1 until something is spilled */
	size_t spilled; /* bytes in the file */
	char *map;      /* of the file, once sealed; then it is the last segment */
	int64_t count, lost;
	bool sealed;
};

static inline struct sr_text row_key(const struct row *row)
{
	return (struct sr_text){(const char *)(row + 1), row->key_len};
}

static inline size_t row_size(const struct row *row)
{
	size_t size = sizeof(*row) + row->key_len + row->input_len + row->output_len;

	return (size + 7) & ~(size_t)7;
}

#endif
