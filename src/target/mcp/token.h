/* Unguessable names, for locks and for requests that wait for an answer. */
#ifndef TARGET_MCP_TOKEN_H
#define TARGET_MCP_TOKEN_H

#include <stdio.h>
#include <sys/random.h>

#define SR_TOKEN_SIZE 33

static inline void sr_token_make(char out[SR_TOKEN_SIZE])
{
	unsigned char bytes[(SR_TOKEN_SIZE - 1) / 2];
	size_t have = 0;

	while (have < sizeof(bytes)) {
		ssize_t got = getrandom(bytes + have, sizeof(bytes) - have, 0);

		have += got > 0 ? (size_t)got : 0;
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

#endif
