---@meta scalerun.fs
-- Made from lua/scalerun/fs.lua by scripts/annotations: change it there.

--- Files and folders. Everything here blocks its project for as long as the disk takes, which is little:
--- for setting up, not for inside a measured iteration.

---@class scale.fs
local fs = {}

--- Makes a temporary folder that only its owner enters, below $TMPDIR or /tmp. It is removed with all that is
--- in it when the script ends, however it ends.
---@param prefix string? of its name
---@return string path
function fs.mkdtemp(prefix) end

--- Removes a file, or a folder with all that is in it. Links are removed, not followed. It is no error when
--- there is nothing.
---@param path string
function fs.remove(path) end

--- Makes a folder and those above it. It is no error when it exists.
---@param path string
---@param mode integer? permissions: 0x1ff (all, the default) less the process's umask
function fs.mkdir(path, mode) end

--- The names in a folder, sorted.
---@param path string
---@return string[]
function fs.list(path) end

---@class scale.FileInfo
---@field type "file"|"folder"|"link"|"socket"|"pipe"|"device"
---@field size integer bytes
---@field mode integer permissions
---@field uid integer
---@field gid integer
---@field modified number seconds since 1970

--- What a path is, or nil when there is nothing. Links are not followed.
---@param path string
---@return scale.FileInfo?
function fs.stat(path) end

--- Whether a path leads to something.
---@param path string
---@return boolean
function fs.exists(path) end

--- Whether a path is a program that can be run.
---@param path string
---@return boolean
function fs.executable(path) end

--- The absolute path without links.
---@param path string
---@return string
function fs.realpath(path) end

--- Sets permissions.
---@param path string
---@param mode integer 0x1c0 is rwx for the owner
function fs.chmod(path, mode) end

--- Gives a file away; needs root.
---@param path string
---@param uid integer
---@param gid integer
function fs.chown(path, uid, gid) end

--- A file's whole contents.
---@param path string
---@return string
function fs.read(path) end

--- Writes a file whole or not at all: readers, and a crash, find the old one or the new one. Raises where the path is
--- a device, a pipe or a socket: those are not replaced.
---@param path string
---@param data string
---@param mode integer? permissions; 0x1a4 (rw-r--r--) by default
function fs.write(path, data, mode) end

return fs
