/* In every project, or where they share the load in all of them together, iterations arrive at a rate that goes
 * through `stages`, from `rate` (0 unless given) to that of each stage in a straight line: an open model.
 *
 * Arrival n is due when the area under the rate has reached n - 1: the first at the start, and none at the
 * end of the last stage. */
#include "executor_list.h"
#include "scalerun/base/clock.h"

#include <math.h>

static int check(const struct sr_load *load, struct sr_error *err)
{
	bool some = load->rate > 0;

	if (load->stage_count < 1)
		return sr_fail(err, SR_EINVAL, "load",
			       "ramping-arrival-rate needs stages = { { duration = \"10s\", rate = 50 }, … }");
	if (load->duration)
		return sr_fail(err, SR_EINVAL, "load",
			       "ramping-arrival-rate lasts as long as its stages and takes no duration");
	for (int i = 0; i < load->stage_count; i++)
		some = some || load->stages[i].rate > 0;
	if (!some)
		return sr_fail(err, SR_EINVAL, "load", "ramping-arrival-rate needs a stage with a rate above 0");
	return sr_executor_check_open(load, err);
}

/* When, in seconds after the begin of a stage of that length, the area has reached `area`. The form of the
 * quadratic's solution that loses no digits where the rate hardly changes. */
static double reached(double area, double from, double to, double length)
{
	double root = sqrt(fmax(from * from + 2 * area * (to - from) / length, 0));

	return area > 0 ? 2 * area / (from + root) : 0;
}

static int64_t arrival(const struct sr_load *load, int64_t number)
{
	double left = (double)(number - 1), before = load->rate;
	int64_t begin = 0;

	for (int i = 0; i < load->stage_count; i++) {
		const struct sr_stage *stage = &load->stages[i];
		double length = (double)stage->duration / (double)SR_S;
		double area = (before + stage->rate) / 2 * length;
		int64_t due = stage->duration;

		if (left < area)
			due = (int64_t)round(reached(left, before, stage->rate, length) * (double)SR_S);
		if (due < stage->duration)
			return begin + due;
		left = fmax(left - area, 0);
		begin += stage->duration;
		before = stage->rate;
	}
	return -1;
}

static int64_t total(const struct sr_load *load)
{
	double area = 0, before = load->rate;

	for (int i = 0; i < load->stage_count; i++) {
		area += (before + load->stages[i].rate) / 2 * (double)load->stages[i].duration / (double)SR_S;
		before = load->stages[i].rate;
	}
	return sr_executor_count_arrivals(load, area);
}

const struct sr_executor sr_executor_ramping_arrival_rate = {
    .name = "ramping-arrival-rate",
    .check = check,
    .total = total,
    .arrival = arrival,
};
