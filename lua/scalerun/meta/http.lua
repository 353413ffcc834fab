---@meta scalerun.http
-- Made from lua/scalerun/http.lua by scripts/annotations: change it there.

--- HTTP. Each request waits for its response while other tasks run; any status is a response, and only a
--- failure to get one is raised. No request is ever sent twice.
---
--- ```lua client
--- local response = http.get(url .. "/health", { timeout = "2s" }) -- "http://localhost:8080/health"
--- if response.status == 200 then
---   print(response:json().version)
--- end
--- ```

---@class scale.http
local http = {}

---@class scale.http.Options
---@field headers table<string, string|number|(string|number)[]|false>? false leaves out what the client adds
---@field body string?
---@field json any? sent as JSON, with its content type
---@field timeout number|string? for all of it, the wait for a connection included; 30 s
---@field name string? the series under which it is counted and timed; "http"
---@field expected integer|integer[]|nil statuses that count as success; 200 to 399
---@field max_body integer? bytes; 64 MiB
---@field redirects integer? how many to follow; 0
---@field compressed boolean? ask for a compressed body
---@field version "1.1"|"2"|nil 2 falls back to 1.1 where the server's TLS offers no more. A server that retires an
--- HTTP/2 connection refuses the streams under way on it: such requests fail ("closed"), they are not sent again
---@field proxy string? URL
---@field unix_socket string? path that is connected to in place of the URL's host
---@field ca_file string? PEM; trusted in place of the system's authorities
---@field cert string? PEM file: client certificate
---@field key string? PEM file: its key
---@field insecure boolean? accept any certificate

---@class scale.http.Request: scale.http.Options
---@field url string
---@field method string? "GET"

---@class scale.http.ClientOptions: scale.http.Options without body and json
---@field base_url string? put in front of every path
---@field max_connections integer? open at once per host; 1000
---@field idle_timeout number|string? after which an unused connection is closed; 60 s

---@class scale.http.Timings seconds; 0 for what did not take place
---@field wait number for a free connection
---@field dns number
---@field connect number
---@field tls number
---@field first_byte number from sending to the first byte of the response
---@field total number

---@class scale.http.Response
---@field status integer
---@field body string
---@field headers table<string, string> by name in any case; repeated ones joined by ", "
---@field timings scale.http.Timings
---@field version string "1.0", "1.1", "2"
---@field reused boolean the connection had served a request before
---@field redirects integer followed
---@field final_url string? where they led
local Response = {}

--- response:header_values(name): every value of a header that may come several times, such as Set-Cookie.
---@class scale.http.Response
---@field header_values fun(self: scale.http.Response, name: string): string[]

--- The body as JSON. Raises when it is none.
---@return any
function Response:json() end

--- Sends a request: request(options) with url and method among them, or request(method, url, options).
---@param method string|scale.http.Request
---@param url string?
---@param options scale.http.Options?
---@return scale.http.Response
function http.request(method, url, options) end

--- Sends a GET request.
---@param url string
---@param options scale.http.Options?
---@return scale.http.Response
function http.get(url, options) end

--- Sends a POST request: { json = value } or { body = text }.
---@param url string
---@param options scale.http.Options?
---@return scale.http.Response
function http.post(url, options) end

--- Sends a PUT request.
---@param url string
---@param options scale.http.Options?
---@return scale.http.Response
function http.put(url, options) end

--- Sends a PATCH request.
---@param url string
---@param options scale.http.Options?
---@return scale.http.Response
function http.patch(url, options) end

--- Sends a DELETE request.
---@param url string
---@param options scale.http.Options?
---@return scale.http.Response
function http.delete(url, options) end

--- Sends a HEAD request: the response has no body.
---@param url string
---@param options scale.http.Options?
---@return scale.http.Response
function http.head(url, options) end

--- Sends a request and returns as soon as the response's head is there; the body is read piece by piece:
---
--- ```lua client
--- local stream <close> = http.stream("GET", url .. "/metrics")
--- local size = 0
--- for bytes in function() return stream:read() end do
---   size = size + #bytes
--- end
--- ```
---
--- The option timeout is for the head alone; max_body has no default; redirects, compressed, proxy and version "2"
--- are refused. The request is counted when its head has come. A body that nobody reads makes the server wait.
---@param method string
---@param url string
---@param options scale.http.Options?
---@return scale.http.Stream
function http.stream(method, url, options) end

--- Requests that have options in common: a base URL, headers, a timeout, …
---@class scale.http.Client
local Client = {}

--- A client that adds its options to those of each request; headers are merged. With base_url its methods take
--- paths. Clients share the connections of their project, unless max_connections or idle_timeout say otherwise.
---@param options scale.http.ClientOptions
---@return scale.http.Client
function http.client(options) end

--- Like http.request.
---@param method string|scale.http.Request
---@param path string?
---@param options scale.http.Options?
---@return scale.http.Response
function Client:request(method, path, options) end

--- Sends a GET request.
---@param path string
---@param options scale.http.Options?
---@return scale.http.Response
function Client:get(path, options) end

--- Sends a POST request: { json = value } or { body = text }.
---@param path string
---@param options scale.http.Options?
---@return scale.http.Response
function Client:post(path, options) end

--- Sends a PUT request.
---@param path string
---@param options scale.http.Options?
---@return scale.http.Response
function Client:put(path, options) end

--- Sends a PATCH request.
---@param path string
---@param options scale.http.Options?
---@return scale.http.Response
function Client:patch(path, options) end

--- Sends a DELETE request.
---@param path string
---@param options scale.http.Options?
---@return scale.http.Response
function Client:delete(path, options) end

--- Sends a HEAD request: the response has no body.
---@param path string
---@param options scale.http.Options?
---@return scale.http.Response
function Client:head(path, options) end

--- Like http.stream.
---@param method string
---@param path string
---@param options scale.http.Options?
---@return scale.http.Stream
function Client:stream(method, path, options) end

---@class scale.http.Stats
---@field open integer connections now (HTTP/1.1)
---@field idle integer of these, unused
---@field waiting integer requests that wait for a connection
---@field dialled integer connections begun so far
---@field reused integer requests sent on a connection that had served one before
---@field discarded integer idle connections that the server had closed before they were used again

--- What this client's connections did; clients that share connections share this.
---@return scale.http.Stats
function Client:stats() end

--- The same for requests made without a client.
---@return scale.http.Stats
function http.stats() end

return http
