// The numbers of the door: what a stranger may take before we know anything about them.

/** A request's head: room for a large token and a browser's cookies (Node's own default). */
export const headBytes = 16_384;

/** A browser or client sends its head at once; slower is somebody who holds sockets open. */
export const headSeconds = 10;

/** The whole request with its body: a phone on a bad line still makes it. */
export const requestSeconds = 60;

/** Longer than the idle time of common proxies (60 s), so that they never meet a socket that we just closed. */
export const keepAliveSeconds = 65;

/** How often connections are looked at for the two limits above. */
export const connectionCheckSeconds = 5;

/** Requests that are being answered may finish for this long after a stop; Ctrl-C must end within a second. */
export const drainMilliseconds = 500;

/** How often a draining server looks for connections that have become idle. */
export const drainCheckMilliseconds = 20;

/** Hops of X-Forwarded-For that are walked; nobody has more proxies in a row. */
export const forwardedHops = 20;

/** Requests that one near peer passed on before it is taken for a proxy; a single one may be somebody's experiment. */
export const forwardedBeforeWarning = 20;

/** Peers that are counted for it: nobody has as many proxies. */
export const watchedPeers = 100;

/** How often the operator is told of it. */
export const oneAddressWarningSeconds = 3600;
