// Host names that mean this computer, as `URL` prints them.

export const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
