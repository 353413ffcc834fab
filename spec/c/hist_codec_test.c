#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/base64.h"
#include "scalerun/base/clock.h"
#include "scalerun/base/hist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* xorshift64*, so that every run sees the same data. */
static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(2685821657736338717);
}

/* Log-uniform from 1 µs to 1 h: every bucket gets its share. */
static struct sr_hist *filled(int n)
{
	struct sr_hist *hist = sr_hist_new();
	uint64_t seed = 7;

	for (int i = 0; i < n; i++) {
		double u = (double)(next_random(&seed) >> 11) / 9007199254740992.0;

		sr_hist_record(hist, (int64_t)(1000.0 * pow(3.6e9, u)));
	}
	return hist;
}

static struct sr_buf encoded(const struct sr_hist *hist)
{
	struct sr_buf text;
	struct sr_error err;

	sr_buf_init(&text, 1 << 20);
	assert_int_equal(sr_hist_encode(hist, &text, &err), 0);
	return text;
}

struct cells {
	int64_t low[40000], count[40000];
	int n;
};

static void keep_cell(void *arg, int64_t low, int64_t high, int64_t count)
{
	struct cells *cells = arg;

	(void)high;
	cells->low[cells->n] = low;
	cells->count[cells->n++] = count;
}

static void assert_same_counts(const struct sr_hist *a, const struct sr_hist *b)
{
	struct cells *first = calloc(1, sizeof(*first)), *second = calloc(1, sizeof(*second));

	sr_hist_visit(a, keep_cell, first);
	sr_hist_visit(b, keep_cell, second);
	assert_int_equal(first->n, second->n);
	assert_memory_equal(first, second, sizeof(*first));
	free(first);
	free(second);
}

static void what_was_written_is_read_back(void **state)
{
	static const int sizes[] = {0, 1, 2, 1000, 200000};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct sr_hist *hist = filled(sizes[i]), *back = sr_hist_new();
		struct sr_buf text = encoded(hist);
		struct sr_error err;

		assert_int_equal(sr_hist_decode(text.data, text.len, back, &err), 0);
		assert_same_counts(hist, back);
		assert_true(fabs(sr_hist_mean(hist) - sr_hist_mean(back)) <= sr_hist_mean(hist) / 1000);
		for (double percent = 0.5; percent < 100.0; percent += 0.5) {
			double was = (double)sr_hist_percentile(hist, percent);

			assert_true(fabs((double)sr_hist_percentile(back, percent) - was) <= was / 1000);
		}
		sr_buf_deinit(&text);
		sr_hist_free(hist);
		sr_hist_free(back);
	}
}

static void counts_of_any_size_are_kept(void **state)
{
	struct sr_hist *hist = sr_hist_new(), *back = sr_hist_new();
	struct sr_buf text;

	(void)state;
	for (int bits = 0; bits < 50; bits++)
		sr_hist_record_n(hist, SR_US << (bits % 30), (INT64_C(1) << bits) - (bits & 1));
	sr_hist_record_n(hist, 3600 * SR_S, 3);
	text = encoded(hist);
	assert_int_equal(sr_hist_decode(text.data, text.len, back, NULL), 0);
	assert_same_counts(hist, back);
	assert_int_equal(sr_hist_saturated(back), 0);
	sr_buf_deinit(&text);
	sr_hist_free(hist);
	sr_hist_free(back);
}

static void decoding_adds_to_what_is_there(void **state)
{
	struct sr_hist *hist = filled(100), *twice = filled(100), *sum = sr_hist_new();
	struct sr_buf text = encoded(hist);

	(void)state;
	sr_hist_merge(twice, hist);
	assert_int_equal(sr_hist_decode(text.data, text.len, sum, NULL), 0);
	assert_int_equal(sr_hist_decode(text.data, text.len, sum, NULL), 0);
	assert_same_counts(twice, sum);
	sr_buf_deinit(&text);
	sr_hist_free(hist);
	sr_hist_free(twice);
	sr_hist_free(sum);
}

static void assert_refused(const char *text, size_t len, const char *expected)
{
	struct sr_hist *into = filled(10), *before = filled(10);
	struct sr_error err = {0};

	assert_int_equal(sr_hist_decode(text, len, into, &err), -SR_EPROTO);
	assert_non_null(strstr(err.text, expected));
	assert_same_counts(before, into);
	sr_hist_free(into);
	sr_hist_free(before);
}

/* A V2 encoding around the given counts, compressed: well-formed but for what `spoil` overwrites at `at`. */
static void assert_plain_refused(const unsigned char *counts, size_t len, size_t at, unsigned char spoil,
				 const char *expected)
{
	unsigned char plain[200] = {0x1c, 0x84, 0x93, 0x13}, packed[400] = {0x1c, 0x84, 0x93, 0x14};
	uLongf size = sizeof(packed) - 8;
	struct sr_buf text;

	plain[7] = (unsigned char)len;
	plain[15] = 3;
	plain[23] = 1;
	memcpy(plain + 40, counts, len);
	if (at < 40)
		plain[at] = spoil;
	assert_int_equal(compress(packed + 8, &size, plain, 40 + len), Z_OK);
	packed[6] = (unsigned char)(size >> 8);
	packed[7] = (unsigned char)size;
	sr_buf_init(&text, 1000);
	assert_int_equal(sr_base64_encode(packed, 8 + size, &text), 0);
	assert_refused(text.data, text.len, expected);
	sr_buf_deinit(&text);
}

static void what_is_wrong_is_named(void **state)
{
	static const unsigned char one[] = {2}, cut[] = {0x80}, far_away[] = {0xff, 0xff, 0x7f, 2},
				   large[] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
				   least[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	(void)state;
	assert_refused("????", 4, "not base64");
	assert_refused("AAAA", 4, "no V2 compressed");
	assert_refused("HISTFAAAAAF4", 12, "cannot be inflated");
	assert_refused("HISTFAAAAAJ4", 12, "length is wrong");
	assert_plain_refused(one, 1, 3, 0x12, "no V2 header");
	assert_plain_refused(one, 1, 7, 2, "length is wrong");
	assert_plain_refused(one, 1, 11, 1, "layout");
	assert_plain_refused(one, 1, 15, 2, "layout");
	assert_plain_refused(one, 1, 23, 2, "layout");
	assert_plain_refused(cut, sizeof(cut), 99, 0, "cut off");
	assert_plain_refused(far_away, sizeof(far_away), 99, 0, "above an hour");
	assert_plain_refused(large, sizeof(large), 99, 0, "too large");
	assert_plain_refused(least, sizeof(least), 99, 0, "above an hour");
}

/* Every bit of the deflated bytes turned, every length cut: refused or read, never more (the sanitizers watch). */
static void broken_bytes_do_no_harm(void **state)
{
	struct sr_hist *hist = filled(300), *into = sr_hist_new();
	struct sr_buf text = encoded(hist), bytes, spoilt;
	uint64_t seed = 11;

	(void)state;
	sr_buf_init(&bytes, 1 << 20);
	sr_buf_init(&spoilt, 1 << 20);
	assert_int_equal(sr_base64_decode(text.data, text.len, &bytes), 0);
	for (size_t bit = 0; bit < bytes.len * 8; bit++) {
		bytes.data[bit / 8] ^= (char)(1 << bit % 8);
		sr_buf_clear(&spoilt);
		assert_int_equal(sr_base64_encode(bytes.data, bytes.len, &spoilt), 0);
		sr_hist_decode(spoilt.data, spoilt.len, into, NULL);
		bytes.data[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t len = 0; len < text.len; len++)
		assert_int_equal(sr_hist_decode(text.data, len, into, NULL), -SR_EPROTO);
	for (int i = 0; i < 2000; i++) {
		text.data[next_random(&seed) % text.len] = (char)next_random(&seed);
		sr_hist_decode(text.data, text.len, into, NULL);
	}
	sr_buf_deinit(&text);
	sr_buf_deinit(&bytes);
	sr_buf_deinit(&spoilt);
	sr_hist_free(hist);
	sr_hist_free(into);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_written_is_read_back),  cmocka_unit_test(counts_of_any_size_are_kept),
	    cmocka_unit_test(decoding_adds_to_what_is_there), cmocka_unit_test(what_is_wrong_is_named),
	    cmocka_unit_test(broken_bytes_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
