/**
 * A bare TCP echo server in a process of its own; sends its port to the parent and ends with its first client.
 * @module
 */

import { createServer } from 'node:net';

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (bytes) => socket.write(bytes));
  socket.on('end', () => process.exit());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.send?.(address?.port);
});
