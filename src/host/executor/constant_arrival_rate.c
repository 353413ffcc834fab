/* In every project, or where they share the load in all of them together, `rate` iterations a second arrive for
 * `duration`, however long they take: an open model.
 * The first arrives at the start; none arrives at the end. */
#include "executor_list.h"
#include "scalerun/base/clock.h"

#include <math.h>

static int check(const struct sr_load *load, struct sr_error *err)
{
	if (!(load->rate > 0))
		return sr_fail(err, SR_EINVAL, "load", "constant-arrival-rate needs rate, iterations per second");
	if (load->duration <= 0)
		return sr_fail(err, SR_EINVAL, "load", "constant-arrival-rate needs duration, such as \"10s\"");
	if (load->stage_count)
		return sr_fail(err, SR_EINVAL, "load",
			       "constant-arrival-rate takes no stages; ramping-arrival-rate does");
	return sr_executor_check_open(load, err);
}

/* Rounded, so that 0.1 a second is one every 10 s and not one every 9.999999999 s. */
static int64_t arrival(const struct sr_load *load, int64_t number)
{
	double due = round((double)(number - 1) * (double)SR_S / load->rate);

	return due < (double)load->duration ? (int64_t)due : -1;
}

static int64_t total(const struct sr_load *load)
{
	return sr_executor_count_arrivals(load, load->rate * (double)load->duration / (double)SR_S);
}

const struct sr_executor sr_executor_constant_arrival_rate = {
    .name = "constant-arrival-rate",
    .check = check,
    .total = total,
    .arrival = arrival,
};
