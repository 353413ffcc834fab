/* Files of lines, compressed with zstd (RFC 8878) as they are written and read. One thread at a time; calls block for
 * as long as the disk takes. */
#ifndef SCALERUN_ENGINE_ZFILE_H
#define SCALERUN_ENGINE_ZFILE_H

#include "scalerun/base/error.h"

#include <stddef.h>

/* Bytes of one line that reading accepts. */
#define SR_ZFILE_LINE_MAX ((size_t)256 << 20)

struct sr_zfile;

/* Makes the file, empty, or adds to the one that is there: what is added is a frame of its own. */
int sr_zfile_create(struct sr_zfile **file, const char *path, struct sr_error *err);
int sr_zfile_append(struct sr_zfile **file, const char *path, struct sr_error *err);
int sr_zfile_write(struct sr_zfile *file, const void *data, size_t len, struct sr_error *err);

/* Writes what is left. The file is complete only when this returned 0. Free it all the same. */
int sr_zfile_finish(struct sr_zfile *file, struct sr_error *err);

int sr_zfile_open(struct sr_zfile **file, const char *path, struct sr_error *err);

/* The next line without its end, valid until the next call: 1, or 0 at the end of the file; -SR_EPROTO where the file
 * is damaged or ends too early, -SR_ELIMIT, -SR_EIO, -SR_ENOMEM. */
int sr_zfile_line(struct sr_zfile *file, const char **line, size_t *len, struct sr_error *err);

/* Closes. NULL is allowed. */
void sr_zfile_free(struct sr_zfile *file);

#endif
