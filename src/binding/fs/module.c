/* scalerun.core.fs: files and folders. Every function blocks its thread for as long as the file system
 * takes. */
#include "private.h"

#include "scalerun/binding/error.h"
#include "scalerun/binding/modules.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int sr_lfs_push_errno(lua_State *L, int errnum, const char *op, const char *what, const char *path)
{
	struct sr_error err;

	sr_fail_errno(&err, SR_EIO, errnum, op, "%s '%.300s'", what, path);
	return sr_push_failure(L, &err);
}

int sr_lfs_push_true(lua_State *L)
{
	lua_pushboolean(L, 1);
	return 1;
}

mode_t sr_lfs_check_mode(lua_State *L, int arg, lua_Integer fallback)
{
	lua_Integer mode = luaL_optinteger(L, arg, fallback);

	luaL_argcheck(L, mode >= 0 && mode <= 07777, arg, "a mode lies between 0 and 0o7777");
	return (mode_t)mode;
}

/* ---- folders -------------------------------------------------------------------------------------- */

/* mkdir(path, mode): with its parents; one that exists is no error */
static int l_mkdir(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	mode_t mode = sr_lfs_check_mode(L, 2, 0777);
	char part[PATH_MAX];
	size_t len = strlen(path);
	struct stat st;

	if (len == 0 || len >= sizeof(part))
		return sr_lfs_push_errno(L, len == 0 ? ENOENT : ENAMETOOLONG, "fs.mkdir", "cannot make the folder",
					 path);
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != 0)
			continue;
		part[i] = 0;
		if (mkdir(part, i < len ? 0777 : mode) < 0 && errno != EEXIST)
			return sr_lfs_push_errno(L, errno, "fs.mkdir", "cannot make the folder", part);
		part[i] = path[i];
	}
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return sr_lfs_push_errno(L, ENOTDIR, "fs.mkdir", "cannot make the folder", path);
	return sr_lfs_push_true(L);
}

/* list(path) → the names in a folder, sorted by the caller */
static int l_list(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, NULL);
	int count = 0;

	if (n < 0)
		return sr_lfs_push_errno(L, errno, "fs.list", "cannot read the folder", path);
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
		return sr_lfs_push_errno(L, errno, "fs.stat", "cannot look at", path);
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
		return sr_lfs_push_errno(L, errno, "fs.realpath", "cannot resolve", path);
	lua_pushstring(L, real);
	return 1;
}

static int l_chmod(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);

	luaL_checkinteger(L, 2);
	if (chmod(path, sr_lfs_check_mode(L, 2, 0)) < 0)
		return sr_lfs_push_errno(L, errno, "fs.chmod", "cannot change the mode of", path);
	return sr_lfs_push_true(L);
}

/* chown(path, uid, gid): links are not followed */
static int l_chown(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	uid_t uid = (uid_t)luaL_checkinteger(L, 2);
	gid_t gid = (gid_t)luaL_checkinteger(L, 3);

	if (lchown(path, uid, gid) < 0)
		return sr_lfs_push_errno(L, errno, "fs.chown", "cannot give away", path);
	return sr_lfs_push_true(L);
}

static const luaL_Reg functions[] = {
    {"mkdtemp", sr_lfs_mkdtemp},
    {"remove", sr_lfs_remove},
    {"mkdir", l_mkdir},
    {"list", l_list},
    {"stat", l_stat},
    {"exists", l_exists},
    {"executable", l_executable},
    {"realpath", l_realpath},
    {"chmod", l_chmod},
    {"chown", l_chown},
    {"write", sr_lfs_write},
    {NULL, NULL},
};

int sr_open_core_fs(lua_State *L)
{
	luaL_newlib(L, functions);
	return 1;
}
