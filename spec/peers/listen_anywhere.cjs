// Loaded before a server's own code (node --require): whatever port and address the server asks for, it gets a
// free port on the loopback, and says which on a line of standard output.
'use strict';
const net = require('node:net');

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...args) {
  const listening = args.find((arg) => typeof arg === 'function');
  this.once('listening', () => console.log(`listening on port ${this.address().port}`));
  return listen.call(this, { host: '127.0.0.1', port: 0 }, listening);
};
