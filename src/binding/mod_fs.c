/* scalerun.core.fs: files and folders. Every function blocks its thread for as long as the file system
 * takes. */
#include "scalerun/binding/error.h"
#include "scalerun/binding/modules.h"
#include "scalerun/binding/state.h"
#include "scalerun/engine/keeper.h"
#include "scalerun/engine/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static int push_errno(lua_State *L, int errnum, const char *op, const char *what, const char *path)
{
	struct sr_error err;

	sr_fail_errno(&err, SR_EIO, errnum, op, "%s '%.300s'", what, path);
	return sr_push_failure(L, &err);
}

static int push_true(lua_State *L)
{
	lua_pushboolean(L, 1);
	return 1;
}

static mode_t check_mode(lua_State *L, int arg, lua_Integer fallback)
{
	lua_Integer mode = luaL_optinteger(L, arg, fallback);

	luaL_argcheck(L, mode >= 0 && mode <= 07777, arg, "a mode lies between 0 and 0o7777");
	return (mode_t)mode;
}

/* ---- temporary folders ---------------------------------------------------------------------------- */

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
static int l_mkdtemp(lua_State *L)
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
		return push_errno(L, ENAMETOOLONG, "fs.mkdtemp", "cannot make a folder in", parent);
	temp = malloc(sizeof(*temp) + sizeof(path));
	if (!temp)
		return luaL_error(L, "fs.mkdtemp: out of memory");
	if (!mkdtemp(path)) {
		free(temp);
		return push_errno(L, errno, "fs.mkdtemp", "cannot make a folder in", parent);
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
static int l_remove(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct temps *temps = temps_of(L);
	int rc;

	luaL_argcheck(L, path[strspn(path, "/.")] != 0, 1, "this path is not for removing");
	rc = sr_tree_remove(path);
	if (rc < 0)
		return push_errno(L, -rc, "fs.remove", "cannot remove", path);
	forget_temp(temps, path);
	return push_true(L);
}

/* ---- folders -------------------------------------------------------------------------------------- */

/* mkdir(path, mode): with its parents; one that exists is no error */
static int l_mkdir(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	mode_t mode = check_mode(L, 2, 0777);
	char part[PATH_MAX];
	size_t len = strlen(path);
	struct stat st;

	if (len == 0 || len >= sizeof(part))
		return push_errno(L, len == 0 ? ENOENT : ENAMETOOLONG, "fs.mkdir", "cannot make the folder", path);
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != 0)
			continue;
		part[i] = 0;
		if (mkdir(part, i < len ? 0777 : mode) < 0 && errno != EEXIST)
			return push_errno(L, errno, "fs.mkdir", "cannot make the folder", part);
		part[i] = path[i];
	}
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return push_errno(L, ENOTDIR, "fs.mkdir", "cannot make the folder", path);
	return push_true(L);
}

/* list(path) → the names in a folder, sorted by the caller */
static int l_list(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, NULL);
	int count = 0;

	if (n < 0)
		return push_errno(L, errno, "fs.list", "cannot read the folder", path);
	lua_createtable(L, n, 0);
	for (int i = 0; i < n; i++) {
		if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0) {
			lua_pushstring(L, entries[i]->d_name);
			lua_rawseti(L, -2, ++count);
		}
		free(entries[i]);
	}
	free(entries);
	return 1;
}

/* ---- attributes ----------------------------------------------------------------------------------- */

static const char *type_name(mode_t mode)
{
	if (S_ISREG(mode))
		return "file";
	if (S_ISDIR(mode))
		return "folder";
	if (S_ISLNK(mode))
		return "link";
	if (S_ISSOCK(mode))
		return "socket";
	return S_ISFIFO(mode) ? "pipe" : "device";
}

static void set_integer(lua_State *L, const char *key, lua_Integer value)
{
	lua_pushinteger(L, value);
	lua_setfield(L, -2, key);
}

/* stat(path) → attributes; links are not followed */
static int l_stat(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct stat st;

	if (lstat(path, &st) < 0)
		return push_errno(L, errno, "fs.stat", "cannot look at", path);
	lua_createtable(L, 0, 6);
	lua_pushstring(L, type_name(st.st_mode));
	lua_setfield(L, -2, "type");
	lua_pushnumber(L, (lua_Number)st.st_mtim.tv_sec + (lua_Number)st.st_mtim.tv_nsec / 1e9);
	lua_setfield(L, -2, "modified");
	set_integer(L, "size", st.st_size);
	set_integer(L, "mode", st.st_mode & 07777);
	set_integer(L, "uid", st.st_uid);
	set_integer(L, "gid", st.st_gid);
	return 1;
}

/* exists(path) → whether a path leads to something; links are followed */
static int l_exists(lua_State *L)
{
	lua_pushboolean(L, access(luaL_checkstring(L, 1), F_OK) == 0);
	return 1;
}

/* executable(path) → whether path is a file that this process may run */
static int l_executable(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct stat st;

	lua_pushboolean(L, stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0);
	return 1;
}

static int l_realpath(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	char real[PATH_MAX];

	if (!realpath(path, real))
		return push_errno(L, errno, "fs.realpath", "cannot resolve", path);
	lua_pushstring(L, real);
	return 1;
}

static int l_chmod(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);

	luaL_checkinteger(L, 2);
	if (chmod(path, check_mode(L, 2, 0)) < 0)
		return push_errno(L, errno, "fs.chmod", "cannot change the mode of", path);
	return push_true(L);
}

/* chown(path, uid, gid): links are not followed */
static int l_chown(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	uid_t uid = (uid_t)luaL_checkinteger(L, 2);
	gid_t gid = (gid_t)luaL_checkinteger(L, 3);

	if (lchown(path, uid, gid) < 0)
		return push_errno(L, errno, "fs.chown", "cannot give away", path);
	return push_true(L);
}

/* ---- files ---------------------------------------------------------------------------------------- */

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The folder's entry is on disk only when the folder is. */
static int sync_parent(const char *path)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	int fd, rc;

	memcpy(parent, path, len);
	parent[len] = 0;
	fd = open(!slash ? "." : len == 0 ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

/* write(path, data, mode): whole or not at all, also over a crash */
static int l_write(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	size_t len;
	const char *data = luaL_checklstring(L, 2, &len);
	mode_t mode = check_mode(L, 3, 0644);
	char temp[PATH_MAX];
	int fd, rc, errnum;

	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >= (int)sizeof(temp))
		return push_errno(L, ENAMETOOLONG, "fs.write", "cannot write", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return push_errno(L, errno, "fs.write", "cannot write", path);
	rc = write_all(fd, data, len);
	if (rc == 0)
		rc = fchmod(fd, mode);
	if (rc == 0)
		rc = fsync(fd);
	errnum = errno;
	if (close(fd) < 0 && rc == 0) {
		rc = -1;
		errnum = errno;
	}
	if (rc == 0 && (rc = rename(temp, path)) < 0)
		errnum = errno;
	if (rc < 0) {
		unlink(temp);
		return push_errno(L, errnum, "fs.write", "cannot write", path);
	}
	if (sync_parent(path) < 0)
		return push_errno(L, errno, "fs.write", "cannot write", path);
	return push_true(L);
}

static const luaL_Reg functions[] = {
    {"mkdtemp", l_mkdtemp}, {"remove", l_remove}, {"mkdir", l_mkdir},           {"list", l_list},
    {"stat", l_stat},       {"exists", l_exists}, {"executable", l_executable}, {"realpath", l_realpath},
    {"chmod", l_chmod},     {"chown", l_chown},   {"write", l_write},           {NULL, NULL},
};

int sr_open_core_fs(lua_State *L)
{
	luaL_newlib(L, functions);
	return 1;
}
