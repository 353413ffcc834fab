local faults = require "scalerun.sandbox.faults"
local haproxy = require "scalerun.haproxy"
local ports = require "scalerun.sandbox.ports"

describe("HAProxy's statistics", function()
  local text = table.concat({
    "# pxname,svname,scur,stot,econ,eresp,status,weight,type,last_chk,",
    "target,FRONTEND,1,7,,,OPEN,,0,,",
    'replicas,a,0,4,,0,UP,1,2,"ok, ""quite""",',
    "replicas,b,1,3,2,1,DOWN,4,2,,",
    "",
  }, "\n")

  it("have a row for each line", function()
    local rows = haproxy.parse(text)
    assert.equal(3, #rows)
    assert.same({ "target", "FRONTEND", "7" }, { rows[1].pxname, rows[1].svname, rows[1].stot })
    assert.equal('ok, "quite"', rows[2].last_chk)
  end)

  it("tell what the servers did", function()
    assert.same({
      { name = "a", backend = "replicas", status = "UP", requests = 4, active = 0, queued = 0, errors = 0, resent = 0,
        weight = 1 },
      { name = "b", backend = "replicas", status = "DOWN", requests = 3, active = 1, queued = 0, errors = 3, resent = 0,
        weight = 4 },
    }, haproxy.servers(haproxy.parse(text)))
  end)

  it("are not read from anything else", function()
    local rows, problem = haproxy.parse("<html>")
    assert.is_nil(rows)
    assert.matches("not the CSV", problem)
  end)

  it("are read whatever is in them", function()
    assert.same({}, haproxy.servers(haproxy.parse "# pxname,svname,\n"))
    local odd = haproxy.parse("# pxname,svname,type,stot,\n\"open,a,2,1\n,,,,,,,,,\n"
      .. "r,b,2,-,\nr,c,2,9e99,\nr,\0,2,1.5,\n")
    local names, requests = {}, {}
    for index, server in ipairs(haproxy.servers(odd)) do
      names[index], requests[index] = server.name, server.requests
    end
    assert.same({ "a", "b", "c", "\0" }, names)
    assert.same({ 1, 0, 0, 0 }, requests)
  end)

  it("are asked for in CSV", function()
    assert.equal("http://x/stats;csv", haproxy.csv_url("http://x/stats"))
    assert.equal("http://x/stats;csv", haproxy.csv_url("http://x/stats;csv"))
    assert.equal("http://x:1/;csv", haproxy.csv_url("http://x:1"))
  end)
end)

describe("ports to come back to", function()
  it("lie outside of what the kernel gives away", function()
    assert.same({ 20000, 32767 }, { ports.outside(32768, 60999) })
    assert.same({ 40001, 65535 }, { ports.outside(10000, 40000) })
    assert.is_nil(ports.outside(1024, 65535))
  end)
end)

describe("faults", function()
  it("are the sandbox's or the target's", function()
    assert.same({ { skewed_balancer = true }, { "gap_id" } }, { faults.split { "gap_id", "skewed_balancer" } })
    assert.same({ {}, { "gap_id" } }, { faults.split "gap_id" })
    assert.same({ {}, {} }, { faults.split(false) })
  end)
end)
