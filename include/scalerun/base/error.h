/* Errors: what failed, where, and in words a user can act on.
 *
 * Functions that can fail return 0 or a negative code (-SR_E…) and describe the failure in their last
 * parameter, a caller-owned struct sr_error of fixed size. Nothing here allocates, so an error can be
 * reported when memory is the problem. Any thread. */
#ifndef SCALERUN_BASE_ERROR_H
#define SCALERUN_BASE_ERROR_H

#include <stdarg.h>

enum sr_code {
	SR_OK = 0,
	SR_EINVAL,   /* an argument of the caller's is wrong */
	SR_ENOMEM,   /* out of memory */
	SR_EIO,      /* a system call failed; detail holds the errno name */
	SR_ETIMEOUT, /* the deadline passed */
	SR_ECANCEL,  /* cancelled by its owner */
	SR_EDNS,     /* the host name has no address */
	SR_ECONNECT, /* no connection: refused, unreachable, missing socket file */
	SR_ETLS,     /* handshake or certificate verification failed */
	SR_ECLOSED,  /* the peer closed before the answer was complete */
	SR_EPROTO,   /* the peer's bytes are not the protocol's */
	SR_ELIMIT,   /* a stated maximum was passed */
	SR_ESTATE,   /* not possible now: closed handle, transaction in the wrong state */
	SR_ESERVER,  /* the server understood and refused; detail holds its code (SQLSTATE, redis prefix) */
	SR_ESCRIPT,  /* a Lua error in a script */
	SR_ENOTSUP,  /* not supported by this build or transport */
	SR_CODE_COUNT
};

struct sr_error {
	int code;        /* one of enum sr_code, positive */
	char op[48];     /* the operation in a user's words: "http.get", "pg.connect" */
	char detail[24]; /* machine-readable refinement, or "" */
	char text[512];  /* one sentence: what happened, to what, what to do */
};

/* The stable name that scripts and reports see: "timeout", "connect", "server"… Never NULL. */
const char *sr_code_name(int code);

/* Fills *err (which may be NULL) and returns -code, so that `return sr_fail(err, …)` reads well.
 * Texts too long are cut. */
int sr_fail(struct sr_error *err, int code, const char *op, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
int sr_vfail(struct sr_error *err, int code, const char *op, const char *fmt, va_list ap);

/* The same for a failed system call: appends strerror(errnum) and stores the errno's name in detail.
 * Maps ECONNREFUSED, ENOENT and their like to SR_ECONNECT only where the caller passes that code. */
int sr_fail_errno(struct sr_error *err, int code, int errnum, const char *op, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/* Sets err->detail (cut to fit). err may be NULL. */
void sr_error_detail(struct sr_error *err, const char *detail);

#endif
