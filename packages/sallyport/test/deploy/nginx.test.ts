// deploy/nginx.conf in front of two instances.
import { holdsBehind } from './behind.ts';
import { nginx } from './proxies.ts';

holdsBehind(nginx);
