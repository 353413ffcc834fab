/* Temporary folders, and removing. */
#include "private.h"

#include "scalerun/binding/error.h"
#include "scalerun/binding/state.h"
#include "scalerun/engine/keeper.h"
#include "scalerun/engine/tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A temporary folder of this state: removed with the state, or by the keeper. */
struct temp {
	struct temp *next;
	int token;
	char path[];
};

struct temps {
	struct temp *first;
};

static void *make_temps(struct sr_state *state)
{
	(void)state;
	return calloc(1, sizeof(struct temps));
}

static void drop_temps(void *arg)
{
	struct temps *temps = arg;

	while (temps->first) {
		struct temp *temp = temps->first;

		temps->first = temp->next;
		/* What cannot be removed now is left to the keeper. */
		if (sr_tree_remove(temp->path) == 0)
			sr_keeper_forget(temp->token);
		free(temp);
	}
	free(temps);
}

static struct temps *temps_of(lua_State *L)
{
	static const char key;
	struct temps *temps = sr_state_slot(sr_state_of(L), &key, make_temps, drop_temps);

	if (!temps)
		luaL_error(L, "fs: out of memory");
	return temps;
}

/* mkdtemp(prefix) → path of a new folder, mode 0700, below $TMPDIR or /tmp */
int sr_lfs_mkdtemp(lua_State *L)
{
	const char *prefix = luaL_checkstring(L, 1);
	const char *parent = getenv("TMPDIR");
	struct temps *temps = temps_of(L);
	struct sr_error err;
	struct temp *temp;
	char path[SR_KEEPER_PATH];

	luaL_argcheck(L, !strchr(prefix, '/'), 1, "the prefix of a folder's name holds no /");
	if (!parent || parent[0] != '/')
		parent = "/tmp";
	if (snprintf(path, sizeof(path), "%s/%sXXXXXX", parent, prefix) >= (int)sizeof(path))
		return sr_lfs_push_errno(L, ENAMETOOLONG, "fs.mkdtemp", "cannot make a folder in", parent);
	temp = malloc(sizeof(*temp) + sizeof(path));
	if (!temp)
		return luaL_error(L, "fs.mkdtemp: out of memory");
	if (!mkdtemp(path)) {
		free(temp);
		return sr_lfs_push_errno(L, errno, "fs.mkdtemp", "cannot make a folder in", parent);
	}
	temp->token = sr_keeper_register_dir(path, &err);
	if (temp->token < 0) {
		rmdir(path);
		free(temp);
		return sr_push_failure(L, &err);
	}
	memcpy(temp->path, path, sizeof(path));
	temp->next = temps->first;
	temps->first = temp;
	lua_pushstring(L, temp->path);
	return 1;
}

static void forget_temp(struct temps *temps, const char *path)
{
	for (struct temp **link = &temps->first; *link; link = &(*link)->next) {
		struct temp *temp = *link;

		if (strcmp(temp->path, path) != 0)
			continue;
		*link = temp->next;
		sr_keeper_forget(temp->token);
		free(temp);
		return;
	}
}

/* remove(path): a file, or a folder with all that is in it; nothing there is no error */
int sr_lfs_remove(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct temps *temps = temps_of(L);
	int rc;

	luaL_argcheck(L, path[strspn(path, "/.")] != 0, 1, "this path is not for removing");
	rc = sr_tree_remove(path);
	if (rc < 0)
		return sr_lfs_push_errno(L, -rc, "fs.remove", "cannot remove", path);
	forget_temp(temps, path);
	return sr_lfs_push_true(L);
}
