// An MCP server of the stateless revision alone (2026-07-28), on the SDK's own request handler.
import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import * as z from 'zod';

function factory() {
  const server = new McpServer({ name: 'stateless-server', version: '1.0.0' });

  server.registerTool(
    'greet',
    { description: 'Greets', inputSchema: z.object({ name: z.string() }) },
    async ({ name }) => ({ content: [{ type: 'text', text: `Hello, ${name}!` }] })
  );
  server.registerTool('fail', { description: 'Fails', inputSchema: z.object({}) }, async () => ({
    isError: true,
    content: [{ type: 'text', text: 'this tool always fails' }],
  }));
  server.registerTool(
    'count',
    { description: 'Reports progress', inputSchema: z.object({ to: z.number() }) },
    async ({ to }, ctx) => {
      const progressToken = ctx.mcpReq._meta?.progressToken;
      for (let progress = 1; progress <= to && progressToken !== undefined; progress++) {
        await ctx.mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: to } });
      }
      return { content: [{ type: 'text', text: `${to}` }] };
    }
  );
  server.registerTool(
    'routed',
    {
      description: 'Names a header in its schema',
      inputSchema: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }),
    },
    async ({ region }) => ({ content: [{ type: 'text', text: region }] })
  );
  server.registerPrompt(
    'grüße',
    { description: 'A greeting', argsSchema: z.object({ name: z.string() }) },
    async ({ name }) => ({ messages: [{ role: 'user', content: { type: 'text', text: `Greet ${name}.` } }] })
  );
  server.registerResource('world', 'mcp://greetings', { mimeType: 'text/plain' }, async (uri) => ({
    contents: [{ uri: uri.href, text: 'Hello, world!' }],
  }));
  server.registerResource(
    'greeting',
    new ResourceTemplate('mcp://greetings/{name}', { list: undefined }),
    {},
    async (uri, { name }) => ({ contents: [{ uri: uri.href, text: `Hello, ${name}!` }] })
  );
  return server;
}

createServer(toNodeHandler(createMcpHandler(factory, { legacy: 'reject' }))).listen(0, '127.0.0.1');
