--- How scalerun-target gives out ids: sequences, reservations, their limit and their end.
local scale = require "scalerun"
local target_client = require "spec.support.target_client"
local pg, time = scale.pg, scale.time
local body, confirm, reserve = target_client.body, target_client.confirm, target_client.reserve

describe("ids of the target", function()
  local box, alpha, beta

  setup(function()
    box, alpha, beta = target_client.start()
  end)

  teardown(function()
    box:stop()
  end)

  before_each(function()
    target_client.clear(box)
  end)

  it("follow each other and never truncate", function()
    local first = body(200, alpha:get("/ids/next?type=US&project=alpha"))
    assert.same({ success = true, artifact_type = "US", next_id = "US-001", last_assigned = scale.null }, first)
    for _ = 1, 10 do
      body(200, reserve(alpha, "alpha", "US", 100))
    end
    local last = body(200, beta:get("/ids/next?type=US&project=beta"))
    assert.equal("US-1002", last.next_id)
    assert.equal("US-1001", last.last_assigned)
    assert.equal("ADR-001", body(200, beta:get("/ids/next?type=ADR&project=beta")).next_id)
  end)

  it("collide in none of 50 concurrent reservations of 6", function()
    local seen, count = {}, 0
    for _, answer in ipairs(target_client.together(50, function(index)
      local client, project = index % 2 == 0 and alpha or beta, index % 2 == 0 and "alpha" or "beta"
      return body(200, reserve(client, project, "US", 6))
    end)) do
      for _, id in ipairs(answer.reserved_ids) do
        assert.is_nil(seen[id], id)
        seen[id] = true
        count = count + 1
      end
    end
    assert.equal(300, count)
    assert.is_true(seen["US-001"] and seen["US-300"])
  end)

  it("that were reserved are confirmed, or expire", function()
    local kept = body(200, reserve(alpha, "alpha", "PRD", 2))
    assert.same({ "PRD-001", "PRD-002" }, kept.reserved_ids)
    for _ = 1, 2 do
      local confirmed = body(200, confirm(alpha, kept))
      assert.same({ success = true, reservation_id = kept.reservation_id, confirmed = true }, confirmed)
    end
    local left = body(200, reserve(alpha, "alpha", "PRD", 1))
    local connection <close> = pg.connect(box.dsn)
    connection:query("UPDATE id_reservations SET reserved_at = now() - interval '2 h', expires_at = now()")
    body(404, confirm(alpha, left))
    body(200, confirm(alpha, kept))
    assert.equal(0, body(200, beta:delete("/ids/reservations/expired")).deleted_count)
    assert.equal(1, body(200, alpha:delete("/ids/reservations/expired")).deleted_count)
    assert.equal(1, connection:query("SELECT count(*) AS n FROM id_reservations")[1].n)
    body(404, confirm(alpha, { reservation_id = "0b243abe-9782-4dfe-8d71-0a26f193ab9a" }))
  end)

  it("limits reservations of a project, not of the others", function()
    box:configure { reserve_rate = 3 }
    for _ = 1, 3 do
      body(200, reserve(alpha, "alpha", "US", 1))
    end
    body(400, reserve(alpha, "alpha", "US", 0))
    local response = reserve(alpha, "alpha", "US", 1)
    assert.matches("3 reservations a minute", body(429, response).error)
    local seconds = math.tointeger(response.headers["Retry-After"])
    assert.is_true(seconds >= 1 and seconds <= 60)
    body(200, reserve(beta, "beta", "US", 1))
    box:configure { reserve_rate = 0 }
    body(200, reserve(alpha, "alpha", "US", 1))
  end)

  it("numbers each project's ids by themselves when told so", function()
    box:configure { id_scope = "project" }
    assert.equal("US-001", body(200, alpha:get("/ids/next?type=US&project=alpha")).next_id)
    assert.equal("US-001", body(200, beta:get("/ids/next?type=US&project=beta")).next_id)
    box:configure { id_scope = "global" }
    assert.equal("US-001", body(200, beta:get("/ids/next?type=US&project=beta")).next_id)
    assert.equal("US-002", body(200, alpha:get("/ids/next?type=US&project=alpha")).next_id)
  end)

  it("deletes expired reservations by itself", function()
    box:configure { reservation_ttl = 0.001, sweep_interval = 0.02 }
    body(200, reserve(alpha, "alpha", "US", 1))
    local connection <close> = pg.connect(box.dsn)
    local deadline = time.now() + 20
    repeat
      time.sleep(0.01)
    until connection:query("SELECT count(*) AS n FROM id_reservations")[1].n == 0 or time.now() > deadline
    assert.equal(0, connection:query("SELECT count(*) AS n FROM id_reservations")[1].n)
    box:configure { reservation_ttl = "15m", sweep_interval = "30s" }
  end)
end)
