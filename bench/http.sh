# shellcheck shell=bash disable=SC2034,SC2154  # what lib.sh and this file tell each other
# 50 keep-alive connections that GET a tiny file from one nginx worker: scalerun against wrk.

nginx_on_port() {
  cat >"$work/nginx/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $work/nginx/pid;
error_log $work/nginx/error.log;
events { worker_connections 512; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path $work/nginx/tmp; proxy_temp_path $work/nginx/tmp; fastcgi_temp_path $work/nginx/tmp;
  uwsgi_temp_path $work/nginx/tmp; scgi_temp_path $work/nginx/tmp;
  open_file_cache max=10;
  server { listen 127.0.0.1:$port; root $work/nginx/html; }
}
CONF
  serve nginx_answers nginx -p "$work/nginx" -c "$work/nginx/nginx.conf" -e "$work/nginx/error.log"
}

nginx_answers() {
  curl -sf -o /dev/null --noproxy '*' "http://127.0.0.1:$port/"
}

http_scalerun() {
  run_scalerun http BENCH_URL="http://127.0.0.1:$port/" BENCH_TASKS=50
}

http_wrk() {
  run wrk -t1 -c50 -d"${seconds}s" "http://127.0.0.1:$port/"
  if grep -qE 'Non-2xx|Socket errors' "$work/out"; then
    echo "scripts/bench: wrk met errors:" >&2
    cat "$work/out" >&2
    exit 1
  fi
  ops=$(awk '/ requests in / { print $1 }' "$work/out")
  took=$(awk -v ops="$ops" '/^Requests\/sec:/ { print ops / $2 }' "$work/out")
}

bench_http() {
  need nginx
  need wrk
  need curl
  mkdir -p "$work/nginx/html" "$work/nginx/tmp"
  chmod -R a+rX "$work/nginx"
  echo "hello from the bench" >"$work/nginx/html/index.html"
  serve_on_free_port nginx_on_port
  compare "HTTP GET, 50 connections, nginx" "scalerun, 50 tasks, http.get" http_scalerun "wrk -t1 -c50" http_wrk
  stop_servers
}
