/* What ops' texts say. */
#include "private.h"

#include <string.h>

enum sr_history_outcome sr_history_outcome(const char *error)
{
	/* Never sent, or refused before anything was done. */
	static const char *const refused[] = {"connect", "dns", "tls", "invalid", "missing", "refused"};

	if (!error[0])
		return SR_HISTORY_OK;
	if (strncmp(error, "http 4", 6) == 0 && strcmp(error, "http 408") != 0)
		return SR_HISTORY_REFUSED;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (strcmp(error, refused[i]) == 0)
			return SR_HISTORY_REFUSED;
	return SR_HISTORY_UNKNOWN;
}

static size_t skip_blanks(struct sr_text json, size_t pos)
{
	while (pos < json.len && (json.data[pos] == ' ' || json.data[pos] == ',' || json.data[pos] == '['))
		pos++;
	return pos;
}

/* The end of the string whose opening quote stands at pos: its closing quote, or the end of the text. */
static size_t string_end(struct sr_text json, size_t pos)
{
	for (pos++; pos < json.len && json.data[pos] != '"'; pos++)
		if (json.data[pos] == '\\')
			pos++;
	return pos < json.len ? pos : json.len;
}

bool sr_history_value(struct sr_text json, size_t *pos, struct sr_text *value)
{
	size_t start = skip_blanks(json, *pos), end = start;
	int depth = 0;

	if (start >= json.len || json.data[start] == ']')
		return false;
	if (json.data[start] == '"') {
		end = string_end(json, start);
		*value = (struct sr_text){json.data + start + 1, end - start - 1};
		*pos = end + 1;
		return true;
	}
	for (; end < json.len; end++) {
		char c = json.data[end];

		if (depth == 0 && (c == ',' || c == ']'))
			break;
		if (c == '"')
			end = string_end(json, end);
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
	}
	*value = (struct sr_text){json.data + start, (end < json.len ? end : json.len) - start};
	*pos = end;
	return true;
}

/* Eight bytes at a time through a 128-bit product, as wyhash does it. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	__uint128_t product = (__uint128_t)(a ^ UINT64_C(0xa0761d6478bd642f)) * (b ^ UINT64_C(0xe7037ed1a0b428db));

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t sr_history_hash(const void *data, size_t len)
{
	const char *at = data;
	uint64_t hash = mix(len, UINT64_C(0x8ebc6af09c88c6e3)), word;

	for (; len >= 8; at += 8, len -= 8) {
		memcpy(&word, at, 8);
		hash = mix(hash, word);
	}
	word = 0;
	memcpy(&word, at, len);
	return mix(hash, word);
}
