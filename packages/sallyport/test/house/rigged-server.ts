// A house on a socket, behind something that spoils what goes through it.
import type { Arrival } from '@sallyport/protocol';
import { openDoor, type Handle } from '../../src/door/index.ts';
import { freePort } from '../program/free-port.ts';
import { openHouse } from './open-house.ts';

/** Gets each request with the way on to the house, and answers as it likes. */
export type Rig = (
  request: Request,
  goOn: (request: Request) => Promise<Response>,
) => Response | Promise<Response>;

export interface RiggedServer {
  readonly mcpUrl: string;
  readonly setupUrl: string;
  close(): Promise<void>;
}

export async function openRiggedServer(rig: Rig): Promise<RiggedServer> {
  const house = await openHouse({ environment: { SALLYPORT_LISTEN_PORT: String(await freePort()) } });
  const { publicUrl, listen } = house.config;
  const handle: Handle = (request: Request, arrival: Arrival) =>
    rig(request, async (passed) => house.assembled.handle(passed, arrival));
  const door = await openDoor({
    publicUrl,
    trustedProxies: [],
    listen,
    handle,
    log: () => undefined,
    now: () => house.clock.now,
  });
  return {
    mcpUrl: `${publicUrl}/mcp`,
    setupUrl: `${publicUrl}${await house.assembled.setupPath()}`,
    async close() {
      await door.close();
      await house.close();
    },
  };
}
