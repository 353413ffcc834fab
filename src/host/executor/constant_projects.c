/* Every project's users run one iteration after the other until `duration` is over: a closed model.
 * Iterations under way at the end are finished, not cut. */
#include "executor_list.h"

static int check(const struct sr_load *load, struct sr_error *err)
{
	if (load->duration <= 0)
		return sr_fail(err, SR_EINVAL, "load", "constant-projects needs duration, such as \"10s\"");
	if (load->iterations)
		return sr_fail(err, SR_EINVAL, "load",
			       "constant-projects runs for its duration and takes no iterations; "
			       "per-project-iterations counts them");
	return 0;
}

static int64_t total(const struct sr_load *load)
{
	(void)load;
	return -1;
}

static bool over(const struct sr_schedule *schedule, int64_t at)
{
	return at - schedule->start >= schedule->load->duration;
}

static int64_t take(struct sr_schedule *schedule, int64_t at)
{
	return over(schedule, at) ? 0 : ++schedule->handed;
}

const struct sr_executor sr_executor_constant_projects = {
    .name = "constant-projects",
    .check = check,
    .total = total,
    .take = take,
    .over = over,
};
