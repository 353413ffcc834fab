/* All projects together run `iterations` iterations: whichever user of whichever project is free takes the
 * next. Their numbers are the project's own. */
#include "executor_list.h"

static int check(const struct sr_load *load, struct sr_error *err)
{
	if (load->iterations < 1)
		return sr_fail(err, SR_EINVAL, "load", "shared-iterations needs iterations = N, at least 1");
	if (load->duration)
		return sr_fail(err, SR_EINVAL, "load",
			       "shared-iterations ends after its iterations and takes no duration; "
			       "constant-projects runs for a duration");
	return 0;
}

static int64_t total(const struct sr_load *load)
{
	(void)load;
	return -1;
}

static bool over(const struct sr_schedule *schedule, int64_t at)
{
	(void)at;
	return atomic_load_explicit(schedule->shared, memory_order_relaxed) >= schedule->load->iterations;
}

static int64_t take(struct sr_schedule *schedule, int64_t at)
{
	/* Others may take at the same time: what counts is which number came back. */
	if (over(schedule, at) ||
	    atomic_fetch_add_explicit(schedule->shared, 1, memory_order_relaxed) >= schedule->load->iterations)
		return 0;
	return ++schedule->handed;
}

const struct sr_executor sr_executor_shared_iterations = {
    .name = "shared-iterations",
    .check = check,
    .total = total,
    .take = take,
    .over = over,
};
