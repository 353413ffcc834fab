local sql = require "scalerun.evidence.sql"

describe("sql", function()
  describe("statements", function()
    local cases = {
      { "SELECT 1", { "SELECT 1" } },
      { "BEGIN; UPDATE t SET a = ';'; COMMIT;", { "BEGIN", "UPDATE t SET a = ''", "COMMIT" } },
      { "SELECT 'it''s; fine'", { "SELECT ''" } },
      { [[SELECT E'\'; x', 'a\']], { "SELECT E'', ''" } },
      { "SELECT 1 -- not; this\n, 2", { "SELECT 1 , 2" } },
      { "SELECT /* a ; /* b */ ; */ 1", { "SELECT 1" } },
      { "SELECT $$ ; ' $$, $a$ $$ ; $a$", { "SELECT '', ''" } },
      { [[UPDATE public."id_registry" SET x = $1]], { "UPDATE public.id_registry SET x = $1" } },
      { [[SELECT "a; b"]], { [[SELECT ""]] } },
      { "SELECT 6/2 - 1", { "SELECT 6/2 - 1" } },
      { "", {} },
      { " ; ; ", {} },
      { "SELECT 'unterminated", { "SELECT ''" } },
      { "SELECT /* unterminated", { "SELECT" } },
      { "SELECT $$unterminated", { "SELECT ''" } },
    }
    for _, case in ipairs(cases) do
      it("of " .. case[1], function()
        assert.same(case[2], sql.statements(case[1]))
      end)
    end
  end)

  it("keeps the source of each statement", function()
    local statements, sources = sql.statements("SET a = 'x;y'; -- b\nSET c = 1;")
    assert.same({ "SET a = ''", "SET c = 1" }, statements)
    assert.same({ "SET a = 'x;y'", " -- b\nSET c = 1" }, sources)
  end)

  describe("writes", function()
    for code, expected in pairs {
      ["UPDATE id_registry SET x = 1"] = true,
      ["update ONLY public.id_registry set x = 1"] = true,
      ["INSERT INTO id_registry VALUES (1)"] = true,
      ["DELETE FROM id_registry"] = true,
      ["MERGE INTO id_registry USING x ON true"] = true,
      ["TRUNCATE id_registry"] = true,
      ["COPY id_registry (a) FROM STDIN"] = true,
      ["COPY id_registry TO STDOUT"] = false,
      ["WITH a AS (UPDATE id_registry SET x = 1 RETURNING *) SELECT * FROM a"] = true,
      ["SELECT * FROM id_registry FOR UPDATE"] = false,
      ["SELECT * FROM other FOR UPDATE OF id_registry"] = false,
      ["INSERT INTO other SELECT * FROM id_registry"] = false,
      ["UPDATE id_registry_old SET x = 1"] = false,
      ["UPDATE my_id_registry SET x = 1"] = false,
    } do
      it(("%s: %s"):format(tostring(expected), code), function()
        assert.equal(expected, sql.writes(code, "id_registry"))
      end)
    end
  end)

  it("reads isolation levels", function()
    assert.equal("serializable", sql.level_in("BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE"))
    assert.equal("repeatable read", sql.level_in("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    assert.equal("read committed", sql.level_in("START TRANSACTION READ ONLY, ISOLATION LEVEL READ UNCOMMITTED"))
    assert.is_nil(sql.level_in("BEGIN"))
    assert.is_nil(sql.level_in("BEGIN READ ONLY"))
  end)
end)
