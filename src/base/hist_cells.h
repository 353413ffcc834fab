/* HdrHistogram's layout. The first bucket has 2048 cells of 1 ns; each further one covers the next power of two
 * with 1024 cells, twice as wide as the last bucket's. So a cell is never wider than 1/1024 of its values. Cells
 * are numbered through, as in HdrHistogram's encodings: the cells of bucket b begin at 1024 * (b + 1). */
#ifndef SCALERUN_HIST_CELLS_H
#define SCALERUN_HIST_CELLS_H

#include "scalerun/base/clock.h"

#include <stdint.h>

#define SUB_BITS  11
#define SUB_COUNT (1 << SUB_BITS)
#define SUB_HALF  (SUB_COUNT / 2)
#define BUCKETS   32 /* 2048 ns << 31 is above the highest value */
#define CELLS     ((BUCKETS + 1) * SUB_HALF)
#define LOWEST    SR_US
#define HIGHEST   (3600 * SR_S)

_Static_assert(HIGHEST < (INT64_C(1) << (SUB_BITS + BUCKETS - 1)), "the cells reach the highest value");

static inline int cell_of(int64_t value)
{
	int shift = 63 - __builtin_clzll((uint64_t)value | (SUB_COUNT - 1)) - (SUB_BITS - 1);

	return shift * SUB_HALF + (int)(value >> shift);
}

static inline int shift_of(int cell)
{
	return cell < SUB_COUNT ? 0 : cell / SUB_HALF - 1;
}

static inline int64_t low_of(int cell)
{
	int shift = shift_of(cell);

	return (int64_t)(cell - shift * SUB_HALF) << shift;
}

static inline int64_t high_of(int cell)
{
	return low_of(cell) + (INT64_C(1) << shift_of(cell)) - 1;
}

#endif
