// The same house behind a real door: on a free loopback port, for clients that others wrote and that want a socket.
import { openDoor } from '../../src/door/index.ts';
import { freePort } from '../program/free-port.ts';
import { openHouse, type House, type HouseOptions } from './open-house.ts';

export interface ListeningHouse extends House {
  /** What a person pastes into a client. */
  readonly mcpUrl: URL;
}

/**
 * Its clock shows the time of the start, since other people's clients compare it with their own.
 * @param at a port that somebody else had to be told before
 */
export async function openListeningHouse(options: HouseOptions = {}, at?: number): Promise<ListeningHouse> {
  if (at !== undefined) return openAt(at, options);
  for (let attempts = 5; ; attempts -= 1) {
    const port = await freePort();
    try {
      return await openAt(port, options);
    } catch (error) {
      // Somebody took the port between the two calls.
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempts === 1) throw error;
    }
  }
}

async function openAt(port: number, options: HouseOptions): Promise<ListeningHouse> {
  const house = await openHouse({
    ...options,
    environment: { ...options.environment, SALLYPORT_LISTEN_PORT: String(port) },
  });
  house.clock.now = Math.floor(Date.now() / 1000);
  const { config, clock, events, assembled, origin } = house;
  try {
    const door = await openDoor({
      publicUrl: config.publicUrl,
      trustedProxies: config.trustedProxies,
      listen: config.listen,
      handle: assembled.handle,
      log: (level, event, facts = {}) => void events.push({ level, event, facts }),
      now: () => clock.now,
    });
    return {
      ...house,
      mcpUrl: new URL('/mcp', origin),
      ask: (path, init) => fetch(new URL(path, origin), { redirect: 'manual', ...init }),
      async close() {
        await door.close();
        await house.close();
      },
    };
  } catch (error) {
    await house.close();
    throw error;
  }
}
