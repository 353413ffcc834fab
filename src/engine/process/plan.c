/* Everything that a child needs between fork and exec, built beforehand. */
#include "private.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

extern char **environ;

static size_t name_length(const char *variable)
{
	const char *equals = strchr(variable, '=');
	return equals ? (size_t)(equals - variable) : strlen(variable);
}

static bool replaced(const char *variable, const char *const *env)
{
	size_t len = name_length(variable);
	for (; env && *env; env++)
		if (name_length(*env) == len && memcmp(*env, variable, len) == 0)
			return true;
	return false;
}

static size_t count(const char *const *list)
{
	size_t n = 0;
	while (list && list[n])
		n++;
	return n;
}

/* An array of borrowed strings. */
static char **build_env(const struct sr_process_options *options)
{
	const char *const *inherited = options->clear_env ? NULL : (const char *const *)environ;
	char **envp = calloc(count(inherited) + count(options->env) + 1, sizeof(*envp));
	size_t n = 0;
	if (!envp)
		return NULL;
	for (; inherited && *inherited; inherited++)
		if (!replaced(*inherited, options->env))
			envp[n++] = (char *)*inherited;
	for (const char *const *env = options->env; env && *env; env++)
		if (strchr(*env, '='))
			envp[n++] = (char *)*env;
	return envp;
}

static const char *search_path(char *const *envp)
{
	for (; *envp; envp++)
		if (strncmp(*envp, "PATH=", 5) == 0)
			return *envp + 5;
	return DEFAULT_PATH;
}

/* One block: the pointers, then the strings that they point to. */
static char **build_candidates(const char *program, const char *path)
{
	if (strchr(program, '/'))
		path = "";
	size_t folders = 1;
	for (const char *p = path; *p; p++)
		folders += *p == ':';
	size_t program_size = strlen(program) + 1;
	size_t pointers = (folders + 1) * sizeof(char *);
	char *block = calloc(1, pointers + strlen(path) + folders * (program_size + 1));
	if (!block)
		return NULL;
	char **list = (char **)(void *)block;
	char *at = block + pointers;
	for (size_t i = 0; i < folders; i++) {
		size_t len = strcspn(path, ":");
		list[i] = at;
		memcpy(at, path, len);
		at += len;
		if (len > 0 && at[-1] != '/')
			*at++ = '/';
		memcpy(at, program, program_size);
		at += program_size;
		path += len + 1;
	}
	return list;
}

int sr_plan_build(struct sr_spawn_plan *plan, const struct sr_process_options *options, struct sr_error *err)
{
	if (!options->argv || !options->argv[0] || !options->argv[0][0])
		return sr_fail(err, SR_EINVAL, "process.spawn", "no program is named");
	plan->argv = (char *const *)options->argv;
	plan->cwd = options->cwd;
	/* Without privileges the only user to become is the present one, and the groups cannot be dropped. */
	plan->set_user =
	    options->set_user && (geteuid() == 0 || options->uid != geteuid() || options->gid != getegid());
	plan->uid = options->uid;
	plan->gid = options->gid;
	char **envp = build_env(options);
	char **candidates = envp ? build_candidates(options->argv[0], search_path(envp)) : NULL;
	plan->envp = envp;
	plan->candidates = candidates;
	if (!candidates) {
		sr_plan_free(plan);
		return sr_fail(err, SR_ENOMEM, "process.spawn", "out of memory");
	}
	return 0;
}

void sr_plan_free(struct sr_spawn_plan *plan)
{
	free((void *)plan->envp);
	free((void *)plan->candidates);
	plan->envp = NULL;
	plan->candidates = NULL;
}
