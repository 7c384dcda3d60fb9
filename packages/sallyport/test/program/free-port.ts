// A port that nobody uses on either loopback address at this moment.
import { once } from 'node:events';
import { createServer } from 'node:net';

export async function freePort(): Promise<number> {
  for (;;) {
    const four = createServer().listen({ host: '127.0.0.1', port: 0 });
    await once(four, 'listening');
    const { port } = four.address() as { port: number };
    const six = createServer().listen({ host: '::1', port });
    const isFree = await Promise.race([
      once(six, 'listening').then(() => true),
      once(six, 'error').then(([error]) => (error as NodeJS.ErrnoException).code !== 'EADDRINUSE'),
    ]);
    four.close();
    six.close();
    if (isFree) return port;
  }
}
