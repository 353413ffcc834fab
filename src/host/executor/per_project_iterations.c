/* Every project runs `iterations` iterations, shared among its users: whoever is free takes the next. */
#include "executor_list.h"
#include "scalerun/base/clock.h"

static int check(const struct sr_load *load, struct sr_error *err)
{
	if (load->iterations < 1)
		return sr_fail(err, SR_EINVAL, "load", "per-project-iterations needs iterations = N, at least 1");
	if (load->duration)
		return sr_fail(err, SR_EINVAL, "load",
			       "per-project-iterations ends after its iterations and takes no duration; "
			       "constant-projects runs for a duration");
	return 0;
}

static int64_t next(struct sr_schedule *schedule, int user, int64_t *scheduled)
{
	(void)user;
	if (schedule->handed >= schedule->load->iterations)
		return 0;
	*scheduled = sr_now();
	return ++schedule->handed;
}

const struct sr_executor sr_executor_per_project_iterations = {
    .name = "per-project-iterations",
    .check = check,
    .next = next,
};
