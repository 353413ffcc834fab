/* HdrHistogram's V2 compressed encoding, all big-endian: a cookie, the length of what follows, and that, deflated:
 * a cookie, the length of the counts, the offset of a rotated histogram (0), the digits, the lowest and highest
 * value, a ratio (1.0), the counts. A count is a ZigZag LEB128 number whose ninth byte has all of its 8 bits; a
 * negative one stands for so many empty cells. */
#include "scalerun/base/base64.h"
#include "scalerun/base/hist.h"

#include "hist_cells.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#define OP          "histogram"
#define COOKIE      0x1c849313u
#define COOKIE_ZLIB 0x1c849314u
#define DIGITS      3
#define RATIO       UINT64_C(0x3ff0000000000000) /* 1.0 */
#define HEAD        40
#define HEAD_ZLIB   8
#define NUMBER_MAX  9
#define PLAIN_MAX   (HEAD + CELLS * NUMBER_MAX)
#define ENCODED_MAX ((size_t)1 << 20)
#define TOTAL_MAX   (INT64_C(1) << 53) /* what every reader's numbers can hold */

static void put32(unsigned char *at, uint32_t value)
{
	value = htobe32(value);
	memcpy(at, &value, sizeof(value));
}

static void put64(unsigned char *at, uint64_t value)
{
	value = htobe64(value);
	memcpy(at, &value, sizeof(value));
}

static uint32_t get32(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

static uint64_t get64(const unsigned char *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return be64toh(value);
}

static int put_number(struct sr_buf *out, int64_t number)
{
	uint64_t left = (uint64_t)number << 1 ^ (uint64_t)(number >> 63);
	unsigned char bytes[NUMBER_MAX];
	size_t len = 0;

	while (left >= 0x80 && len < NUMBER_MAX - 1) {
		bytes[len++] = (unsigned char)(left | 0x80);
		left >>= 7;
	}
	bytes[len++] = (unsigned char)left;
	return sr_buf_append(out, bytes, len);
}

/* How many bytes the number has; 0 when it is cut off. */
static size_t get_number(const unsigned char *at, size_t len, int64_t *number)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len && i < NUMBER_MAX; i++) {
		bool last = i == NUMBER_MAX - 1;

		value |= (uint64_t)(last ? at[i] : at[i] & 0x7f) << (7 * i);
		if (last || !(at[i] & 0x80)) {
			*number = (int64_t)(value >> 1 ^ -(value & 1));
			return i + 1;
		}
	}
	return 0;
}

struct writer {
	struct sr_buf counts;
	int next; /* the cell after the last one written */
	int rc;
};

static void put_cell(void *arg, int64_t low, int64_t high, int64_t count)
{
	struct writer *writer = arg;
	int cell = cell_of(low), gap = cell - writer->next;

	(void)high;
	if (writer->rc == 0 && gap > 0)
		writer->rc = put_number(&writer->counts, gap == 1 ? 0 : -gap);
	if (writer->rc == 0)
		writer->rc = put_number(&writer->counts, count);
	writer->next = cell + 1;
}

static void put_head(unsigned char *head, size_t counts)
{
	memset(head, 0, HEAD);
	put32(head, COOKIE);
	put32(head + 4, (uint32_t)counts);
	put32(head + 12, DIGITS);
	put64(head + 16, 1);
	put64(head + 24, HIGHEST);
	put64(head + 32, RATIO);
}

static int deflate_into(struct sr_buf *packed, const struct sr_buf *plain)
{
	uLongf len = compressBound(plain->len);
	int rc = sr_buf_reserve(packed, HEAD_ZLIB + len);
	unsigned char *at;

	if (rc)
		return rc;
	at = (unsigned char *)packed->data;
	if (compress2(at + HEAD_ZLIB, &len, (const Bytef *)plain->data, plain->len, Z_BEST_COMPRESSION) != Z_OK)
		return -SR_ENOMEM;
	put32(at, COOKIE_ZLIB);
	put32(at + 4, (uint32_t)len);
	packed->len = HEAD_ZLIB + len;
	return 0;
}

int sr_hist_encode(const struct sr_hist *hist, struct sr_buf *out, struct sr_error *err)
{
	struct writer writer = {0};
	struct sr_buf packed;
	unsigned char head[HEAD] = {0};

	sr_buf_init(&writer.counts, PLAIN_MAX);
	sr_buf_init(&packed, ENCODED_MAX);
	writer.rc = sr_buf_append(&writer.counts, head, HEAD);
	sr_hist_visit(hist, put_cell, &writer);
	if (writer.rc == 0) {
		put_head((unsigned char *)writer.counts.data, writer.counts.len - HEAD);
		writer.rc = deflate_into(&packed, &writer.counts);
	}
	if (writer.rc == 0)
		writer.rc = sr_base64_encode(packed.data, packed.len, out);
	sr_buf_deinit(&writer.counts);
	sr_buf_deinit(&packed);
	return writer.rc ? sr_fail(err, -writer.rc, OP, "no room to encode a histogram") : 0;
}

static int broken(struct sr_error *err, const char *what)
{
	return sr_fail(err, SR_EPROTO, OP, "not a histogram as scalerun writes it: %s", what);
}

/* Reads the counts into cells, which are all 0. */
static int read_counts(const unsigned char *at, size_t len, int64_t *cells, struct sr_error *err)
{
	int64_t number, total = 0;
	size_t used, cell = 0;

	for (; len > 0; at += used, len -= used) {
		used = get_number(at, len, &number);
		if (used == 0)
			return broken(err, "a count is cut off");
		if (number < 0) {
			if (number < -(int64_t)(CELLS - cell))
				return broken(err, "it has values above an hour");
			cell += (size_t)-number;
			continue;
		}
		if (cell >= CELLS)
			return broken(err, "it has values above an hour");
		if (number > TOTAL_MAX - total)
			return broken(err, "its counts are too large");
		total += number;
		cells[cell++] = number;
	}
	return 0;
}

static int read_plain(const unsigned char *plain, size_t len, int64_t *cells, struct sr_error *err)
{
	if (len < HEAD || get32(plain) != COOKIE)
		return broken(err, "it has no V2 header");
	if (get32(plain + 8) != 0 || get32(plain + 12) != DIGITS || get64(plain + 16) != 1)
		return broken(err, "its layout is another one");
	if (get32(plain + 4) != len - HEAD)
		return broken(err, "its length is wrong");
	return read_counts(plain + HEAD, len - HEAD, cells, err);
}

/* The last cell reaches beyond the highest value. */
static int64_t held(int64_t value)
{
	return value < HIGHEST ? value : HIGHEST;
}

static void add_cells(struct sr_hist *into, const int64_t *cells)
{
	int first = 0, last = CELLS - 1;

	while (first < CELLS && cells[first] == 0)
		first++;
	while (last > first && cells[last] == 0)
		last--;
	for (int cell = first; cell <= last && first < CELLS; cell++) {
		int64_t count = cells[cell];

		if (count > 0 && cell == first) {
			sr_hist_record(into, low_of(cell));
			count--;
		}
		if (count > 0 && cell == last) {
			sr_hist_record(into, held(high_of(cell)));
			count--;
		}
		sr_hist_record_n(into, held(low_of(cell) + (high_of(cell) - low_of(cell)) / 2), count);
	}
}

/* packed: what the base64 stood for. plain has room for PLAIN_MAX bytes. */
static int read_packed(const struct sr_buf *packed, struct sr_buf *plain, int64_t *cells, struct sr_error *err)
{
	const unsigned char *at = (const unsigned char *)packed->data;
	uLongf len = PLAIN_MAX;

	if (packed->len < HEAD_ZLIB || get32(at) != COOKIE_ZLIB)
		return broken(err, "it is no V2 compressed encoding");
	if (get32(at + 4) != packed->len - HEAD_ZLIB)
		return broken(err, "its length is wrong");
	if (uncompress((Bytef *)plain->data, &len, at + HEAD_ZLIB, packed->len - HEAD_ZLIB) != Z_OK)
		return broken(err, "it cannot be inflated");
	return read_plain((const unsigned char *)plain->data, len, cells, err);
}

int sr_hist_decode(const char *text, size_t len, struct sr_hist *into, struct sr_error *err)
{
	struct sr_buf packed, plain, cells;
	int rc;

	sr_buf_init(&packed, ENCODED_MAX);
	sr_buf_init(&plain, PLAIN_MAX);
	sr_buf_init(&cells, CELLS * sizeof(int64_t));
	rc = sr_base64_decode(text, len, &packed);
	if (rc == -SR_EPROTO)
		rc = broken(err, "it is not base64");
	else if (rc || sr_buf_reserve(&plain, PLAIN_MAX) || sr_buf_reserve(&cells, CELLS * sizeof(int64_t)))
		rc = sr_fail(err, SR_ELIMIT, OP, "no room to decode a histogram");
	if (rc == 0) {
		memset(cells.data, 0, CELLS * sizeof(int64_t));
		rc = read_packed(&packed, &plain, (int64_t *)cells.data, err);
	}
	if (rc == 0)
		add_cells(into, (const int64_t *)cells.data);
	sr_buf_deinit(&packed);
	sr_buf_deinit(&plain);
	sr_buf_deinit(&cells);
	return rc;
}
