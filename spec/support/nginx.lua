--- A private nginx for a spec: on unix sockets in a folder of its own, gone when it is stopped.
local nginx = {}
nginx.__index = nginx

local conf = [[
daemon off;
worker_processes 1;
pid DIR/nginx.pid;
error_log DIR/error.log;
events { worker_connections 512; }
http {
  access_log DIR/access.log;
  client_body_temp_path DIR/body;
  proxy_temp_path DIR/proxy;
  fastcgi_temp_path DIR/fastcgi;
  uwsgi_temp_path DIR/uwsgi;
  scgi_temp_path DIR/scgi;
  gzip on;
  gzip_min_length 10;
  gzip_types text/plain;
  default_type text/plain;
  keepalive_requests 100000;
  server {
    listen unix:DIR/plain.sock;
    listen unix:DIR/tls.sock ssl http2;
    listen unix:DIR/h2.sock http2;
    ssl_certificate DIR/cert.pem;
    ssl_certificate_key DIR/key.pem;
    client_max_body_size 8m;
    client_body_buffer_size 8m;
    location = / { return 200 "hello\n"; }
    location = /json { default_type application/json; return 200 '{"count":3,"name":"US-001"}'; }
    location = /close { keepalive_timeout 0; return 200 "bye"; }
    location = /none { return 204; }
    location = /hop { return 302 /; }
    location = /hops { return 302 /hop; }
    location = /twice { add_header Set-Cookie a=1; add_header Set-Cookie b=2; add_header X-One 1; return 200 ""; }
    location = /slow { limit_rate 10; root DIR; try_files /large.txt =404; }
    location = /steady { limit_rate 20000; root DIR; try_files /large.txt =404; }
    location = /large { root DIR; try_files /large.txt =404; }
    location = /echo {
      proxy_pass http://unix:DIR/plain.sock:/said;
      add_header X-Body $request_body;
    }
    location = /said {
      return 200 "$request_method|$content_type|$content_length|$http_x_one|$http_x_two|$http_authorization";
    }
  }
}
]]

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function read(path)
  local file = io.open(path)
  local text = file and file:read("a")
  if file then
    file:close()
  end
  return text
end

local function run(format, ...)
  local command = format:format(...)
  assert(os.execute(command), command)
end

---@param wait fun(): boolean called until it returns true
local function await(wait)
  local time = require "scalerun.core.time"
  local deadline = time.now() + 10
  while not wait() do
    assert(time.now() < deadline, "nginx does not start")
    os.execute("sleep 0.02")
  end
end

function nginx.start()
  local pipe = assert(io.popen("mktemp -d \"${TMPDIR:-/tmp}/scalerun-nginx.XXXXXX\""))
  local dir = pipe:read("l")
  pipe:close()
  local self = setmetatable({
    dir = dir,
    plain = dir .. "/plain.sock",
    tls = dir .. "/tls.sock",
    h2 = dir .. "/h2.sock",
    cert = dir .. "/cert.pem",
    large = ("0123456789abcdef"):rep(50000),
  }, nginx)
  run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=localhost "
    .. "-addext subjectAltName=DNS:localhost -keyout %s/key.pem -out %s/cert.pem 2>/dev/null", dir, dir)
  write(dir .. "/nginx.conf", (conf:gsub("DIR", dir)))
  write(dir .. "/large.txt", self.large)
  run("chmod 755 %s", dir)
  -- Ends by itself should the spec not live to stop it.
  run("timeout 120 nginx -p %s -c %s/nginx.conf -e %s/error.log >%s/out.log 2>&1 &", dir, dir, dir, dir)
  await(function()
    return (read(dir .. "/nginx.pid") or "") ~= ""
  end)
  return self
end

--- The requests that nginx has logged for a path.
---@param path string
---@return integer
function nginx:count(path)
  local n = 0
  for line in (read(self.dir .. "/access.log") or ""):gmatch("[^\n]+") do
    if line:find(('"%%a+ %s HTTP'):format(path:gsub("%p", "%%%0"))) then
      n = n + 1
    end
  end
  return n
end

function nginx:stop()
  run("kill $(cat %s/nginx.pid)", self.dir)
  await(function()
    return not read(self.dir .. "/nginx.pid")
  end)
  run("rm -rf %s", self.dir)
end

return nginx
