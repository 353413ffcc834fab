local sse = require "scalerun.mcp.sse"

-- Feeds the pieces to one parser; all their events, and the parser.
local function parse(...)
  local parser, all = sse.new(), {}
  for _, piece in ipairs { ... } do
    for _, event in ipairs(assert(parser:feed(piece))) do
      all[#all + 1] = event
    end
  end
  return all, parser
end

local function message(data, id)
  return { event = "message", data = data, id = id or "" }
end

describe("an event stream", function()
  it("ends lines with LF, CR LF or CR", function()
    local expected = { message "one", message "two\nthree" }
    assert.same(expected, (parse "data: one\n\ndata: two\ndata: three\n\n"))
    assert.same(expected, (parse "data: one\r\n\r\ndata: two\r\ndata: three\r\n\r\n"))
    assert.same(expected, (parse "data: one\r\rdata: two\rdata: three\r\r"))
    assert.same(expected, (parse "data: one\r\n\ndata: two\ndata: three\r\r"))
  end)

  it("takes CR LF for one line end when it is split", function()
    local expected = { message "one\ntwo" }
    assert.same(expected, (parse("data: one\r", "\ndata: two\r", "\n\r", "\n")))
    assert.same(expected, (parse("data: one\r", "", "\ndata: two\r", "\r")))
  end)

  it("dispatches an event as soon as its blank line begins", function()
    local parser = sse.new()
    assert.same({ message "one" }, parser:feed "data: one\r\n\r")
    assert.same({}, parser:feed "\n")
  end)

  it("drops one byte order mark, at the beginning only", function()
    assert.same({ message "one" }, (parse "\u{FEFF}data: one\n\n"))
    assert.same({ message "one" }, (parse("\xEF", "\xBB", "\xBFdata: one\n\n")))
    assert.same({}, (parse "\u{FEFF}\u{FEFF}data: one\n\n"))
    assert.same({}, (parse("\xEF", "data: one\n\n")))
    assert.same({ message "two" }, (parse "data: two\n\n\u{FEFF}data: three\n\n"))
  end)

  it("ignores comments and fields that it does not know", function()
    assert.same({ message "one" }, (parse ": keep-alive\n\n:\ndata: one\nnonsense: 1\ndat: 2\nData: 3\n: more\n\n"))
  end)

  it("removes one blank after the colon", function()
    assert.same({ message " one:\ntwo\n\tthree" }, (parse "data:  one:\ndata:two\ndata:\tthree\n\n"))
  end)

  it("reads a line without a colon as a field without a value", function()
    assert.same({ message "\n" }, (parse "data\ndata\n\n"))
    assert.same({ message "" }, (parse "data\n\n"))
  end)

  it("dispatches nothing without data, and forgets the type", function()
    assert.same({ message "one" }, (parse "event: other\n\ndata: one\n\n"))
  end)

  it("names the event's type", function()
    local expected = { { event = "endpoint", data = "/mcp", id = "" }, message "" }
    assert.same(expected, (parse "event:endpoint\ndata:/mcp\n\ndata\n\n"))
  end)

  it("keeps the last id for the events that follow", function()
    local events, parser = parse "id: 7\ndata: one\n\ndata: two\n\nid\ndata: three\n\nid: 8\n\n"
    assert.same({ message("one", "7"), message("two", "7"), message "three" }, events)
    assert.equal("8", parser.last_event_id)
  end)

  it("ignores an id with a NUL", function()
    local events = parse "id: 7\ndata: one\n\nid: 8\0\ndata: two\n\n"
    assert.same({ message("one", "7"), message("two", "7") }, events)
  end)

  it("takes an id over only when its event is complete", function()
    local _, parser = parse "id: 7\ndata: one\n\nid: 8\ndata: two\n"
    assert.equal("7", parser.last_event_id)
  end)

  it("primes a reconnection with an event without data", function()
    local events, parser = parse "id: event-1\nretry: 500\ndata: \n\n"
    assert.same({ message("", "event-1") }, events)
    assert.equal(500, parser.retry)
  end)

  it("takes only digits for a retry", function()
    for _, bad in ipairs { "1s", "-1", "1.5", "", "٣", "1 " } do
      assert.is_nil(select(2, parse("retry: " .. bad .. "\n")).retry)
    end
    assert.equal(0, select(2, parse "retry: 0\n").retry)
    assert.equal(3, select(2, parse "retry: 2\nretry: 003\n").retry)
    assert.equal(1 << 53, select(2, parse("retry: " .. ("9"):rep(400) .. "\n")).retry)
  end)

  it("discards an event that the stream's end cuts off", function()
    assert.same({}, (parse "data: one\ndata: two"))
  end)

  it("goes on after a reconnection", function()
    local _, parser = parse "id: 7\nretry: 9\ndata: one\n\nid: 8\nevent: x\ndata: half"
    parser:reconnect()
    assert.equal("7", parser.last_event_id)
    assert.equal(9, parser.retry)
    assert.same({ message("two", "7") }, parser:feed "\u{FEFF}data: two\n\n")
  end)

  it("refuses an event over its maximum, and everything after it", function()
    for _, pieces in ipairs {
      { "data: 0123456789\n" },
      { "data: 01", "23", "456789" },
      { "data: 01\ndata: 02\n", "data: 03\n" },
    } do
      local parser = sse.new(10)
      local events, err
      for _, piece in ipairs(pieces) do
        events, err = parser:feed(piece)
      end
      assert.is_nil(events)
      assert.equal("limit", err.kind)
      assert.matches("larger than 10 bytes", err.message, 1, true)
      assert.is_nil(parser:feed "\n\n")
    end
    local parser = sse.new(10)
    for _ = 1, 100 do
      assert.same({ message "0123" }, parser:feed "data: 0123\n\n")
    end
  end)
end)

describe("any bytes", function()
  local alphabet = {
    "\r", "\n", "\r\n", "\n\n", "\r\r", ":", " ", "data", "data:", "data: ", "\ndata: x\r", "data: y\n\n",
    "id", "id: ", "event: ", "retry: ", "12", "\0", "x", "\u{FEFF}", "\xEF", "\xBB", "\xBF",
    "{\"jsonrpc\":\"2.0\"}", "ü", "\xFF",
  }

  local function random_text(pieces)
    local list = {}
    for i = 1, pieces do
      list[i] = math.random(8) > 1 and alphabet[math.random(#alphabet)] or string.char(math.random(0, 255))
    end
    return table.concat(list)
  end

  local function cut(text)
    local pieces, pos = {}, 1
    while pos <= #text do
      local length = math.random(0, math.random(12))
      pieces[#pieces + 1] = text:sub(pos, pos + length - 1)
      pos = pos + length
    end
    return table.unpack(pieces)
  end

  it("give the same events however they are cut", function()
    math.randomseed(20251125)
    local seen = 0
    for _ = 1, 3000 do
      local text = random_text(math.random(60))
      local whole, one = parse(text)
      local parts, many = parse(cut(text))
      assert.same(whole, parts, text)
      assert.equal(one.last_event_id, many.last_event_id)
      assert.equal(one.retry, many.retry)
      seen = seen + #whole
    end
    assert.is_true(seen > 1000)
  end)

  it("never raise, and hold no more than the maximum", function()
    math.randomseed(20250618)
    for _ = 1, 300 do
      local parser = sse.new(64)
      for _ = 1, 60 do
        local events, err = parser:feed(random_text(math.random(0, 6)))
        assert.is_true(events ~= nil or err.kind == "limit")
        assert.is_true(parser.failed ~= nil or parser.size <= 64)
      end
    end
  end)
end)
