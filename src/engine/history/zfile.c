#include "scalerun/engine/zfile.h"
#include "scalerun/base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define OP    "file"
#define LEVEL 3

struct sr_zfile {
	int fd;
	char *path;
	ZSTD_CCtx *compress; /* of a file that is written */
	ZSTD_DCtx *expand;   /* of one that is read */
	char *bytes;         /* compressed */
	size_t size, len, pos;
	bool ended;         /* nothing more in the file */
	bool in_frame;      /* what was read last is not complete */
	struct sr_buf text; /* expanded */
	size_t start;       /* of the next line in it */
};

void sr_zfile_free(struct sr_zfile *file)
{
	if (!file)
		return;
	if (file->fd >= 0)
		close(file->fd);
	ZSTD_freeCCtx(file->compress);
	ZSTD_freeDCtx(file->expand);
	sr_buf_deinit(&file->text);
	free(file->bytes);
	free(file->path);
	free(file);
}

static int open_as(struct sr_zfile **out, const char *path, int flags, struct sr_error *err)
{
	struct sr_zfile *file = calloc(1, sizeof(*file));
	bool writes = flags != O_RDONLY;

	if (!file)
		return sr_fail(err, SR_ENOMEM, OP, "out of memory");
	file->fd = -1;
	sr_buf_init(&file->text, SR_ZFILE_LINE_MAX);
	file->path = strdup(path);
	file->size = writes ? ZSTD_CStreamOutSize() : ZSTD_DStreamInSize();
	file->bytes = malloc(file->size);
	file->compress = writes ? ZSTD_createCCtx() : NULL;
	file->expand = writes ? NULL : ZSTD_createDCtx();
	if (!file->path || !file->bytes || (!file->compress && !file->expand)) {
		sr_zfile_free(file);
		return sr_fail(err, SR_ENOMEM, OP, "out of memory");
	}
	if (file->compress) {
		ZSTD_CCtx_setParameter(file->compress, ZSTD_c_compressionLevel, LEVEL);
		ZSTD_CCtx_setParameter(file->compress, ZSTD_c_checksumFlag, 1);
	}
	file->fd = open(path, flags | O_CLOEXEC, 0644);
	if (file->fd < 0) {
		int errnum = errno;

		sr_zfile_free(file);
		return sr_fail_errno(err, SR_EIO, errnum, OP, "cannot open '%.300s'", path);
	}
	*out = file;
	return 0;
}

int sr_zfile_create(struct sr_zfile **file, const char *path, struct sr_error *err)
{
	return open_as(file, path, O_WRONLY | O_CREAT | O_TRUNC, err);
}

int sr_zfile_append(struct sr_zfile **file, const char *path, struct sr_error *err)
{
	return open_as(file, path, O_WRONLY | O_CREAT | O_APPEND, err);
}

int sr_zfile_open(struct sr_zfile **file, const char *path, struct sr_error *err)
{
	return open_as(file, path, O_RDONLY, err);
}

static int write_all(struct sr_zfile *file, size_t len, struct sr_error *err)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(file->fd, file->bytes + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return sr_fail_errno(err, SR_EIO, errno, OP, "cannot write '%.300s'", file->path);
		done += (size_t)n;
	}
	return 0;
}

static int compress(struct sr_zfile *file, const void *data, size_t len, ZSTD_EndDirective how, struct sr_error *err)
{
	ZSTD_inBuffer in = {data, len, 0};
	size_t left;

	do {
		ZSTD_outBuffer out = {file->bytes, file->size, 0};

		left = ZSTD_compressStream2(file->compress, &out, &in, how);
		if (ZSTD_isError(left))
			return sr_fail(err, SR_ENOMEM, OP, "cannot compress: %s", ZSTD_getErrorName(left));
		if (write_all(file, out.pos, err))
			return -SR_EIO;
	} while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return 0;
}

int sr_zfile_write(struct sr_zfile *file, const void *data, size_t len, struct sr_error *err)
{
	return compress(file, data, len, ZSTD_e_continue, err);
}

int sr_zfile_finish(struct sr_zfile *file, struct sr_error *err)
{
	int rc = compress(file, NULL, 0, ZSTD_e_end, err);

	if (rc == 0 && fsync(file->fd) < 0)
		rc = sr_fail_errno(err, SR_EIO, errno, OP, "cannot write '%.300s'", file->path);
	return rc;
}

static int damaged(const struct sr_zfile *file, const char *how, struct sr_error *err)
{
	return sr_fail(err, SR_EPROTO, OP, "'%.300s' is damaged: %s", file->path, how);
}

static int fill(struct sr_zfile *file, struct sr_error *err)
{
	ssize_t n;

	do
		n = read(file->fd, file->bytes, file->size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return sr_fail_errno(err, SR_EIO, errno, OP, "cannot read '%.300s'", file->path);
	file->len = (size_t)n;
	file->pos = 0;
	file->ended = n == 0;
	return 0;
}

/* Expands more of the file into text. */
static int expand(struct sr_zfile *file, struct sr_error *err)
{
	ZSTD_inBuffer in;
	ZSTD_outBuffer out;
	size_t left;
	int rc = 0;

	if (file->pos == file->len && !file->in_frame)
		rc = fill(file, err);
	if (rc || file->ended)
		return rc;
	rc = sr_buf_reserve(&file->text, ZSTD_DStreamOutSize());
	if (rc)
		return sr_fail(err, -rc, OP, "'%.300s' has a line of more than %zu bytes, or memory has run out",
			       file->path, SR_ZFILE_LINE_MAX);
	in = (ZSTD_inBuffer){file->bytes, file->len, file->pos};
	out = (ZSTD_outBuffer){file->text.data + file->text.len, file->text.cap - file->text.len, 0};
	left = ZSTD_decompressStream(file->expand, &out, &in);
	if (ZSTD_isError(left))
		return damaged(file, ZSTD_getErrorName(left), err);
	file->text.len += out.pos;
	file->pos = in.pos;
	file->in_frame = left > 0;
	/* A frame that has neither given nor taken anything wants more bytes. */
	if (file->in_frame && file->pos == file->len && out.pos < out.size) {
		rc = fill(file, err);
		if (rc == 0 && file->ended)
			return damaged(file, "it ends too early", err);
	}
	return rc;
}

int sr_zfile_line(struct sr_zfile *file, const char **line, size_t *len, struct sr_error *err)
{
	size_t searched = file->start;
	const char *end;
	int rc;

	for (;;) {
		end = file->text.len > searched ? memchr(file->text.data + searched, '\n', file->text.len - searched)
						: NULL;
		if (end || file->ended)
			break;
		sr_buf_consume(&file->text, file->start);
		file->start = 0;
		searched = file->text.len;
		rc = expand(file, err);
		if (rc)
			return rc;
	}
	if (!end && file->text.len > file->start)
		return damaged(file, "its last line has no end", err);
	if (!end)
		return 0;
	*line = file->text.data + file->start;
	*len = (size_t)(end - *line);
	file->start += *len + 1;
	return 1;
}
