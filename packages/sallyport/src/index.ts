// Sallyport inside another program: read a configuration, start the server, stop it.
export { ConfigInvalid, loadConfig, type Config, type ConfigSource, type Problem } from './config/index.ts';
export { createLog } from './door/index.ts';
export { startServer, type Server, type Surroundings } from './server.ts';
