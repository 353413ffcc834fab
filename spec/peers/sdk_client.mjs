// The official SDK's client at work on a server: node sdk_client.mjs URL KEY. Prints what it saw as one JSON object.
// The SDK checks every answer against its own schemas, and structured content against the tool's.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [url, key] = process.argv.slice(2);
const client = new Client({ name: 'sdk-client', version: '1.0.0' });
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: `Bearer ${key}` } },
});

// All pages of a list.
async function all(method, member) {
  const items = [];
  let pages = 0;
  let cursor;
  do {
    const page = await client[method](cursor ? { cursor } : undefined);
    items.push(...page[member]);
    cursor = page.nextCursor;
    pages += 1;
  } while (cursor);
  return { items, pages };
}

// What a call that has to fail says.
async function refused(call) {
  try {
    await call();
  } catch (error) {
    return { code: error.code, message: error.message };
  }
  return null;
}

await client.connect(transport);
const seen = {
  server: client.getServerVersion().name,
  protocol: transport.protocolVersion,
  session: transport.sessionId ?? null,
};
await client.ping();

const resources = await all('listResources', 'resources');
seen.resources = resources.items.map((one) => one.uri);
seen.pages = resources.pages;
seen.templates = (await all('listResourceTemplates', 'resourceTemplates')).items.map((one) => one.uriTemplate);
seen.prompts = (await all('listPrompts', 'prompts')).items.map((one) => one.name);
seen.tools = (await all('listTools', 'tools')).items.map((one) => one.name);

seen.core = (await client.readResource({ uri: 'mcp://resources/sdlc/core' })).contents[0].text.length;
seen.prompt = (
  await client.getPrompt({ name: 'generator/epic', arguments: { task_id: 'TASK-001' } })
).messages[0].content.text;

const call = (name, args, options) => client.callTool({ name, arguments: args }, undefined, options);
seen.progress = [];
seen.stored = (
  await call('store_artifact', { artifact_id: 'EPIC-001', content: 'kept' }, { onprogress: (p) => seen.progress.push(p) })
).structuredContent;
seen.artifact = (await client.readResource({ uri: 'mcp://resources/artifacts/EPIC-001' })).contents[0].text;
seen.path = (await call('resolve_artifact_path', { artifact_id: 'EPIC-001' })).structuredContent;
seen.validation = (await call('validate_artifact', { artifact_type: 'EPIC', content: '# EPIC-001' })).structuredContent;
seen.added = (await call('add_task', { description: 'follow-up' })).structuredContent;
seen.task = (await call('get_next_task', {})).structuredContent;
seen.updated = (
  await call('update_task_status', { task_id: seen.task.task.task_id, status: 'in_progress' })
).structuredContent;
seen.none = (await call('get_next_task', {})).structuredContent;
seen.id = (await call('get_next_available_id', { artifact_type: 'US' })).structuredContent;
seen.reserved = (await call('reserve_id_range', { artifact_type: 'US', count: 2 })).structuredContent;

const failed = await call('update_task_status', { task_id: 'TASK-999', status: 'in_progress' });
seen.failed = { isError: failed.isError, text: failed.content[0].text };
seen.refused = {
  tool: await refused(() => call('no_such_tool', {})),
  argument: await refused(() => call('reserve_id_range', { artifact_type: 'US', count: 101 })),
  prompt: await refused(() => client.getPrompt({ name: 'generator/none' })),
  resource: await refused(() => client.readResource({ uri: 'mcp://resources/artifacts/EPIC-999' })),
  cursor: await refused(() => client.listTools({ cursor: 'nonsense' })),
};

await client.close();
console.log(JSON.stringify(seen));
