// The two things that this room asks of the world: what addresses a name has, and a connection to one of them.
import { Resolver } from 'node:dns/promises';
import { connect as connectPlain, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';

/** A connection to wait for: only these addresses, and the host's own name on the certificate. */
export interface PinnedSocket {
  /** As in the URL, without the brackets of an IPv6 literal. */
  readonly host: string;
  readonly addresses: readonly string[];
  readonly port: number;
}

export interface Network {
  /** Once for each fetch. @returns every address of the name, none when it has none */
  readonly resolve: (host: string, signal: AbortSignal) => Promise<readonly string[]>;
  readonly openSocket: (to: PinnedSocket) => TLSSocket;
  /** Without TLS, which only a loopback host that the operator named is spoken to. */
  readonly openPlainSocket: (to: PinnedSocket) => Socket;
}

export const ownNetwork: Network = { resolve, openSocket, openPlainSocket };

/**
 * By DNS itself: the system's own look-up blocks one of the few threads that passwords are hashed on, for as long as a
 * stranger's name server likes, and completes names with search domains.
 */
async function resolve(host: string, signal: AbortSignal): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 });
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    return found.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function openSocket(to: PinnedSocket): TLSSocket {
  const { host } = to;
  const options: ConnectionOptions & Pick<TcpNetConnectOpts, 'autoSelectFamily'> = {
    ...pinned(to),
    // A name is sent to the server and looked for in its certificate; an address only the latter (RFC 6066 §3).
    ...(isIP(host) === 0 && { servername: host }),
    ALPNProtocols: ['http/1.1'],
    // Said here, because an environment variable can turn the default off for the whole process.
    rejectUnauthorized: true,
  };
  return connect(options);
}

function openPlainSocket(to: PinnedSocket): Socket {
  return connectPlain(pinned(to));
}

/** The system is not asked a second time: what was judged is all that there is. Of several the first that answers. */
function pinned({ host, addresses, port }: PinnedSocket): TcpNetConnectOpts {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  return { host, port, lookup: (_host, _options, answer) => answer(null, known), autoSelectFamily: true };
}
