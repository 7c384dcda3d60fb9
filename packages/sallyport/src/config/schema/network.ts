// Where the server is, and who may reach it from where.

import { isIP } from 'node:net';
import { z } from 'zod';
import { text, wholeNumber } from '../judged-text.ts';
import { bounds, defaults } from '../limits.ts';
import { judgePublicUrl } from '../public-url.ts';
import type { Judgement } from '../public-url.ts';

export const publicUrl = text(judgePublicUrl)
  .optional()
  .meta({
    description: 'The address people and clients use; the OAuth issuer. Default: http://localhost:<port>.',
    examples: ['https://mcp.example.com'],
  });

export const listen = z
  .strictObject({
    host: text(judgeListenHost)
      .optional()
      .meta({
        description: 'Address to listen on. Default: localhost, which is 127.0.0.1 and ::1.',
        examples: ['localhost'],
      }),
    port: wholeNumber({ min: 1, max: 65_535 })
      .optional()
      .meta({ description: `Port to listen on. Default: ${defaults.port}.`, examples: [8000] }),
    stopDelaySeconds: wholeNumber(bounds.stopDelaySeconds)
      .optional()
      .meta({
        description:
          'After SIGTERM, how long requests are still taken while /ready says 503, so that a load balancer can turn elsewhere. Default: 0.',
        examples: [10],
      }),
  })
  .optional()
  .meta({ description: 'Where the server listens.' });

export const trustedProxies = z
  .array(text(judgeNetwork).meta({ examples: ['10.0.0.0/8'] }))
  .max(100)
  .optional()
  .meta({
    description:
      'Addresses or CIDR networks of your proxies, whose X-Forwarded-For is believed. Default: none.',
    examples: [['10.0.0.0/8']],
  });

export const allowedOrigins = z
  .array(text(judgeOrigin).meta({ examples: ['https://inspector.example.com'] }))
  .max(100)
  .optional()
  .meta({
    description:
      'Origins of web pages that may call the MCP servers, besides our own and those on this computer. Default: none.',
    examples: [['https://inspector.example.com']],
  });

function judgeListenHost(value: string): Judgement | undefined {
  if (isIP(value) !== 0 || /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i.test(value)) return undefined;
  return {
    what: 'is neither a host name nor an IP address',
    instead:
      'Write: host: localhost (this machine only) or host: 0.0.0.0 (every network); no port, no brackets.',
  };
}

function judgeNetwork(value: string): Judgement | undefined {
  const [address = '', prefix, ...rest] = value.split('/');
  const family = isIP(address);
  const widest = family === 4 ? 32 : 128;
  if (family !== 0 && !address.includes('%') && rest.length === 0) {
    if (prefix === undefined) return undefined;
    if (/^\d{1,3}$/.test(prefix) && Number(prefix) > 0 && Number(prefix) <= widest) return undefined;
    if (prefix === '0') {
      return {
        what: 'would believe every address in the world',
        instead: "List only your own proxies' networks, for example: 10.0.0.0/8",
      };
    }
  }
  return { what: 'is neither an IP address nor a CIDR network', instead: 'Write, for example: 10.0.0.0/8' };
}

function judgeOrigin(value: string): Judgement | undefined {
  const url = URL.parse(value);
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === value)
    return undefined;
  return {
    what: 'is not the origin of a web page',
    instead: 'Write scheme, host and port only, for example: https://inspector.example.com',
  };
}
