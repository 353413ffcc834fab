--- HAProxy's statistics as its stats page gives them in CSV: what a load balancer says about its servers.
local errors = require "scalerun.errors"

local haproxy = {}

local TIMEOUT = 5
local BODY_MAX = 8 * 1024 * 1024

---@class scale.BalancerServer
---@field name string
---@field backend string
---@field status string "UP", "DOWN", "UP 1/2" (going down), "MAINT", "no check"
---@field requests integer given to it
---@field active integer under way
---@field queued integer that wait for it
---@field errors integer connections that failed and answers that never came
---@field resent integer requests that were tried again, here or at another server
---@field weight integer

-- A line's fields; those in quotes may hold commas, and a quote twice.
local function split(line)
  local list, at = {}, 1
  repeat
    local value, after
    if line:sub(at, at) == '"' then
      local quoted, stop = line:match('^"(.-)"()%f[,\0]', at)
      value, after = quoted and quoted:gsub('""', '"'), stop
    end
    if not value then
      value, after = line:match("^([^,]*)()", at)
    end
    list[#list + 1] = value
    at = after + 1
  until after > #line
  return list
end

--- The lines of the CSV, each as field → text.
---@param text string
---@return table<string, string>[]? rows
---@return string? problem
function haproxy.parse(text)
  local head = text:match("^# (pxname,svname,[^\n]*)")
  if not head then
    return nil, "this is not the CSV of HAProxy's statistics"
  end
  local names, rows = split(head), {}
  for line in text:sub(#head + 3):gmatch("[^\n]+") do
    local row = {}
    for index, value in ipairs(split(line)) do
      row[names[index] or index] = value
    end
    rows[#rows + 1] = row
  end
  return rows
end

local function count(row, name)
  return math.tointeger(tonumber(row[name])) or 0
end

--- The servers among the rows.
---@param rows table<string, string>[]
---@return scale.BalancerServer[]
function haproxy.servers(rows)
  local list = {}
  for _, row in ipairs(rows) do
    if row.type == "2" then
      list[#list + 1] = {
        name = row.svname,
        backend = row.pxname,
        status = row.status,
        requests = count(row, "stot"),
        active = count(row, "scur"),
        queued = count(row, "qcur"),
        errors = count(row, "econ") + count(row, "eresp"),
        resent = count(row, "wretr") + count(row, "wredis"),
        weight = count(row, "weight"),
      }
    end
  end
  return list
end

--- The URL of the CSV for what people copy from the browser.
---@param url string
---@return string
function haproxy.csv_url(url)
  if url:find(";csv", 1, true) then
    return url
  end
  return url .. (url:find("^https?://[^/]+$") and "/;csv" or ";csv")
end

-- Where to send the request: "unix:/run/haproxy/stats.sock:/stats" is a page on a socket.
local function place_of(url)
  local socket, path = url:match("^unix:(/[^:]*):?(/?.*)$")
  if not socket then
    return haproxy.csv_url(url)
  end
  return haproxy.csv_url("http://localhost" .. (path == "" and "/" or path)), socket
end

--- Asks for the servers. Raises an error of kind "protocol" when the answer is something else.
---@param url string of the stats page: "http://host:port/stats", or "unix:/path/of/socket:/stats"
---@param given { timeout: number?, name: string? }? name: of the series in the metrics
---@return scale.BalancerServer[]
function haproxy.stats(url, given)
  local place, socket = place_of(url)
  local answer = require("scalerun.http").get(place, {
    timeout = given and given.timeout or TIMEOUT, name = given and given.name, expected = 200, unix_socket = socket,
    max_body = BODY_MAX,
  })
  local rows, problem
  if answer.status == 200 then
    rows, problem = haproxy.parse(answer.body)
  else
    problem = ("it answers %d"):format(answer.status)
  end
  if not rows then
    error(errors.new { kind = "protocol", operation = "haproxy.stats", message = ("%s: %s"):format(url, problem) }, 0)
  end
  return haproxy.servers(rows)
end

return haproxy
