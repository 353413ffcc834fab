/* Removing a folder with all that is in it. */
#ifndef SCALERUN_ENGINE_TREE_H
#define SCALERUN_ENGINE_TREE_H

/* Removes path (a folder, a file or a symbolic link) and everything below it. Symbolic links are
 * removed, never followed; neither is path itself when it is one. Folders nested deeper than 200
 * levels are left. Returns 0 (also when path does not exist), or -errno of the first entry that could
 * not be removed; the others are removed all the same.
 *
 * Async-signal-safe: system calls and the stack only (about 0.5 MB of it at the greatest depth). Any
 * thread; blocks on the file system. */
int sr_tree_remove(const char *path);

#endif
