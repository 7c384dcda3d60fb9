// deploy/Caddyfile in front of two instances.
import { holdsBehind } from './behind.ts';
import { caddy } from './proxies.ts';

holdsBehind(caddy);
