// A server that does what the tool's name says, mostly what no server should: for what the client makes of it.
// The endpoint is any path; its last part names how the handshake goes.
import { createServer } from 'node:http';

const sessions = new Set();
const calls = {}; // tool → how often it was asked for
const cancelled = []; // ids
const replies = []; // what clients answered
const streams = new Map(); // event id → what a resumption brings
let opened = 0;

const json = (res, status, body, headers = {}) => {
  res.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  res.end(typeof body === 'string' ? body : JSON.stringify(body));
};
const result = (id, value) => ({ jsonrpc: '2.0', id, result: value });
const error = (id, code, message, data) => ({ jsonrpc: '2.0', id, error: { code, message, data } });
const text = (value) => ({ content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }] });
const stream = (res, first = '') => {
  res.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
  res.write(first);
  return res;
};
const event = (message, id) => `${id ? `id: ${id}\n` : ''}data: ${JSON.stringify(message)}\n\n`;
const drip = async (res, bytes) => {
  for (const byte of Buffer.from(bytes)) {
    res.write(Buffer.of(byte));
    await new Promise(setImmediate);
  }
};

const tools = {
  echo: ({ id, params, res }) => json(res, 200, result(id, text(params.arguments))),
  headers: ({ id, req, res }) => json(res, 200, result(id, text(req.headers))),
  seen: ({ id, res }) => json(res, 200, result(id, text({ calls, cancelled, replies, opened, live: sessions.size }))),

  // Event streams
  crlf: async ({ id, res }) => {
    const [a, b] = JSON.stringify(result(id, text('two lines'))).split(/(?<="result":)/);
    await drip(stream(res), `\u{FEFF}: hello\r\n\r\nretry: 5\r\nevent: message\r\ndata: ${a}\r\ndata: ${b}\r\n\r\n`);
    res.end();
  },
  notes: ({ id, params, res }) => {
    const token = params._meta?.progressToken;
    stream(res, ': keep-alive\n\nid: notes-1\ndata: \n\n');
    res.write(event({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'hello' } }));
    for (const [progress, progressToken] of [[1, token], [7, 'another'], [2, token]])
      res.write(event({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress, total: 2 } }));
    res.end(event(result(id, text('noted'))));
  },
  asks: ({ id, res }) => {
    stream(res, event({ jsonrpc: '2.0', id: 'ping-1', method: 'ping' }));
    res.write(event({ jsonrpc: '2.0', id: 2, method: 'roots/list' }));
    res.write(event({ jsonrpc: '2.0', id: 3, method: 'sampling/createMessage', params: { messages: [] } }));
    const until = setInterval(() => {
      if (replies.length < 3) return;
      clearInterval(until);
      res.end(event(result(id, text('answered'))));
    }, 5);
  },
  stays_open: ({ id, res }) => stream(res, event(result(id, text('first of all')))),
  batch: ({ id, res }) =>
    json(res, 200, [{ jsonrpc: '2.0', method: 'notifications/message', params: {} }, result(id, text('listed'))]),

  // Streams that break off
  cut: ({ res }) => stream(res, ': nothing\n\n').end(),
  breaks: ({ res }) => stream(res, 'data: {"jsonrpc"').write('', () => res.destroy()),
  resumes: ({ id, res }) => {
    streams.set('resumes-1', [`id: resumes-2\nretry: 5\ndata: \n\n`]);
    streams.set('resumes-2', [event(result(id, text('resumed')), 'resumes-3')]);
    stream(res, 'id: resumes-1\nretry: 20\ndata: \n\ndata: {"jsonrpc":"2.0","id"').end();
  },
  resumes_after_reset: ({ id, res }) => {
    streams.set('reset-1', [event(result(id, text('resumed')))]);
    stream(res).write('id: reset-1\nretry: 5\ndata: \n\n', () => res.destroy());
  },
  resumes_nothing: ({ res }) => {
    streams.set('nothing-1', []);
    stream(res, 'id: nothing-1\nretry: 1\ndata: \n\n').end();
  },
  cannot_resume: ({ res }) => stream(res, 'id: gone-1\nretry: 1\ndata: \n\n').end(),
  resumes_tomorrow: ({ res }) => stream(res, 'id: t-1\nretry: 86400000\ndata: \n\n').end(),

  // What is no answer
  wrong_id: ({ id, res }) => json(res, 200, result(id + 1, text('not yours'))),
  wrong_id_in_stream: ({ id, res }) => stream(res, event(result(id + 1, text('not yours')))).end(),
  no_json: ({ res }) => json(res, 200, '{"jsonrpc":"2.0",'),
  no_message: ({ res }) => json(res, 200, '{"hello":"world"}'),
  no_object: ({ res }) => json(res, 200, '"hello"'),
  no_content: ({ id, res }) => json(res, 200, result(id, {})),
  no_result: ({ id, res }) => json(res, 200, result(id, 5)),
  accepted: ({ res }) => res.writeHead(202).end(),
  html: ({ res }) => res.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Welcome</h1>'),
  large: ({ id, res }) => json(res, 200, result(id, text('x'.repeat(100000)))),
  large_in_stream: ({ id, res }) => stream(res, event(result(id, text('x'.repeat(100000))))).end(),
  never: () => {},
  never_in_stream: ({ res }) => stream(res, ': wait\n\n'),

  // Refusals
  fails: ({ id, res }) => json(res, 200, result(id, { ...text('out of paper'), isError: true })),
  invalid: ({ id, res }) => json(res, 200, error(id, -32602, 'Invalid params', { field: 'count' })),
  invalid_400: ({ id, res }) => json(res, 400, error(id, -32602, 'Invalid params')),
  unreadable: ({ res }) => json(res, 400, error(null, -32700, 'Parse error')),
  unauthorized: ({ res }) => json(res, 401, '{"success":false,"error":"no key"}'),
  unavailable: ({ res }) => res.writeHead(503, { 'Content-Type': 'text/plain' }).end('try\nlater'),
  loses_session: ({ req, res }) => {
    sessions.delete(req.headers['mcp-session-id']);
    json(res, 404, error(null, -32001, 'Session not found'));
  },
  loses_session_400: ({ req, res }) => {
    sessions.delete(req.headers['mcp-session-id']);
    json(res, 400, error(null, -32000, 'Bad Request: No valid session ID provided'));
  },
  loses_session_once: ({ id, req, res }) => {
    if (calls.loses_session_once === 1) return tools.loses_session({ req, res });
    json(res, 200, result(id, text('the second time')));
  },
  // Stateless revision
  wants_input: ({ id, params, res }) =>
    json(res, 200, result(id, params.requestState
      ? text([params.requestState, params.inputResponses])
      : { resultType: 'input_required', requestState: 'opaque', inputRequests: { name: { method: 'elicitation/create' } } })),
  unknown_type: ({ id, res }) => json(res, 200, result(id, { resultType: 'poetry', ...text('roses') })),
};

const pages = (params) => {
  const page = Number(params?.cursor ?? 1);
  return { tools: [{ name: `tool-${page}`, inputSchema: { type: 'object' } }], nextCursor: page < 3 ? `${page + 1}` : undefined };
};

const discovery = (id, versions) => result(id, { resultType: 'complete', supportedVersions: versions, capabilities: { tools: {} },
  _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'odd', version: '1' } } });

const handshakes = {
  mcp: { initialize: (id, params) => result(id, { protocolVersion: params.protocolVersion, capabilities: {}, serverInfo: { name: 'odd', version: '1' } }) },
  sessionless: { initialize: (id) => result(id, { protocolVersion: '2025-03-26', capabilities: {} }) },
  ancient: { initialize: (id) => result(id, { protocolVersion: '2024-11-05', capabilities: {} }) },
  refuses: { initialize: (id) => error(id, -32603, 'not today') },
  modern: {
    initialize: (id) => error(id, -32022, 'Unsupported protocol version', { supported: ['2026-07-28'] }),
    discover: (id) => discovery(id, ['2026-07-28']),
  },
  dual: { discover: (id) => discovery(id, ['2025-06-18', '2025-03-26']) },
  future: { discover: (id) => error(id, -32022, 'Unsupported protocol version', { supported: ['2099-01-01'] }) },
  mismatch: { discover: (id) => error(id, -32020, 'Header mismatch: Mcp-Method') },
};

function handle(req, res, how, message) {
  const { id, method, params } = message;
  const handshake = { ...handshakes.mcp, ...handshakes[how] };
  if (method === 'initialize') {
    const answer = handshake.initialize(id, params);
    const headers = {};
    if (how !== 'sessionless' && answer.result) {
      headers['Mcp-Session-Id'] = `session-${++opened}`;
      sessions.add(headers['Mcp-Session-Id']);
    }
    return json(res, 200, answer, headers);
  }
  if (method === 'server/discover') {
    if (handshake.discover) return json(res, handshakes[how].discover(id).error ? 400 : 200, handshake.discover(id));
    return json(res, 400, error(null, -32000, 'Bad Request: Server not initialized'));
  }
  if (method === undefined) replies.push(message);
  if (method === 'notifications/cancelled') cancelled.push(params.requestId);
  if (method === undefined || id === undefined) return res.writeHead(202).end();
  if (how === 'mcp' && !sessions.has(req.headers['mcp-session-id']))
    return json(res, 404, error(null, -32001, 'Session not found'));
  if (method === 'tools/list') {
    if (how === 'endless') return json(res, 200, result(id, { tools: [], nextCursor: 'again' }));
    return json(res, 200, result(id, pages(params)));
  }
  if (method !== 'tools/call') return json(res, 404, error(id, -32601, 'Method not found'));
  calls[params.name] = (calls[params.name] ?? 0) + 1;
  return tools[params.name]({ id, params, req, res });
}

createServer((req, res) => {
  let body = '';
  req.on('data', (bytes) => (body += bytes));
  req.on('end', () => {
    const how = req.url.split('/').pop();
    if (req.method === 'POST') return handle(req, res, how, JSON.parse(body));
    if (req.method === 'DELETE') return res.writeHead(sessions.delete(req.headers['mcp-session-id']) ? 200 : 404).end();
    const rest = streams.get(req.headers['last-event-id']);
    if (!rest) return res.writeHead(405).end();
    for (const part of rest) stream(res, part);
    if (rest.length === 0) stream(res);
    return res.end();
  });
}).listen(0, '127.0.0.1');
