/* Memory of one Lua state. Lua makes and drops small blocks by the thousand, and its collector frees them in
 * bursts, which sends the C library's malloc down its slow paths: small blocks are kept in lists by size
 * instead, and go back to the system with the state. One thread at a time, without locks. */
#ifndef SR_BINDING_ALLOC_H
#define SR_BINDING_ALLOC_H

#include <stddef.h>

struct sr_alloc;

struct sr_alloc *sr_alloc_new(void);        /* NULL: no memory */
void sr_alloc_free(struct sr_alloc *alloc); /* after lua_close; NULL is allowed */

/* A lua_Alloc; arg is the struct sr_alloc. */
void *sr_alloc_lua(void *arg, void *at, size_t old, size_t size);

#endif
