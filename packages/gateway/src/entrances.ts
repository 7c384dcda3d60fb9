// The paths of the gate, and what is served at each.

import type { GatewayServer, Guard } from './server.ts';

export interface Entrance {
  readonly server: GatewayServer;
  /** `stream` and `messages` are the two halves of the deprecated HTTP+SSE transport. */
  readonly serves: 'mcp' | 'stream' | 'messages';
  readonly guard: Guard;
  /** Where a stream that is opened here is posted to. */
  readonly messagePath: string;
}

/**
 * @param withStreams whether the deprecated transport is served: a server at `/mcp/x` has `/mcp/x/sse` and
 *   `/mcp/x/messages` too, and its further stream doors
 * @throws TypeError when two of them have one path
 */
export function entrancesOf(
  servers: readonly GatewayServer[],
  withStreams: boolean,
): ReadonlyMap<string, Entrance> {
  const entrances = servers.flatMap((server) => entrancesOfOne(server, withStreams));
  const byPath = new Map(entrances);
  if (byPath.size !== entrances.length) throw new TypeError('two servers of the gate have one path');
  return byPath;
}

function entrancesOfOne(
  server: GatewayServer,
  withStreams: boolean,
): readonly (readonly [string, Entrance])[] {
  const { path, resourceServer: guard, streamDoors = [] } = server;
  const mcp = [path, { server, serves: 'mcp', guard, messagePath: `${path}/messages` }] as const;
  if (!withStreams) return [mcp];
  const doors = [{ path: `${path}/sse`, messagePaths: [`${path}/messages`], guard } as const, ...streamDoors];
  return [
    mcp,
    ...doors.flatMap((door) => {
      const half = { server, guard: door.guard, messagePath: door.messagePaths[0] };
      return [
        [door.path, { ...half, serves: 'stream' }] as const,
        ...door.messagePaths.map((messagePath) => [messagePath, { ...half, serves: 'messages' }] as const),
      ];
    }),
  ];
}
