--- The client that the official conformance suite judges: does what the suite's scenario expects of a client. Run by
--- scalerun, with the suite's server in SERVER_URL and the scenario's name in MCP_CONFORMANCE_SCENARIO.
local mcp = require "scalerun.mcp"

local scenarios = {
  initialize = function(client)
    client:list_tools()
  end,
  tools_call = function(client)
    assert(client:list_tools()[1].name == "add_numbers")
    assert(mcp.text(client:call_tool("add_numbers", { a = 5, b = 3 })):find("8", 1, true))
  end,
  ["sse-retry"] = function(client)
    client:list_tools()
    assert(mcp.text(client:call_tool "test_reconnection"):find("Reconnection test completed", 1, true))
  end,
}

local client <close> = mcp.connect { url = os.getenv "SERVER_URL" }
scenarios[os.getenv "MCP_CONFORMANCE_SCENARIO"](client)
