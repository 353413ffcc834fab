#include "mcp/traversal.h"

#include "mcp/uri.h"
#include "text.h"
#include "url.h"

#include <string.h>

int sr_traversal_read(struct sr_store *store, const char *uri, struct sr_buf *buf, struct sr_error *err)
{
	static const char prefix[] = SR_URI_PREFIX "artifacts/";
	char path[SR_STORE_PATH_SIZE];
	const char *problem;
	char *slash;

	if (strncmp(uri, prefix, strlen(prefix)) == 0 && strlen(uri) - strlen(prefix) < sizeof(path)) {
		strcpy(path, uri + strlen(prefix));
		if (sr_url_decode(path, strlen(path), false, &problem) == 0 && strncmp(path, "../", 3) == 0) {
			slash = strchr(path + 3, '/');
			if (slash)
				*slash = '\0';
			if (slash && sr_text_is_project_id(path + 3) && sr_uri_is_artifact_id(slash + 1))
				return sr_store_read(store, path + 3, slash + 1, buf, err);
		}
	}
	return sr_fail(err, SR_ESTATE, "resources", "no such resource");
}
