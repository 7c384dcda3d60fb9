// What the failures of Redis and of the way to it mean for the person who runs this. Only codes are repeated, never a
// message: Redis puts what it was sent, and so a password, into some of them.

import { EphemeralUnavailable } from '../contract.ts';
import { redisAnswerMilliseconds } from '../limits.ts';

const setting = 'storage.ephemeral (SALLYPORT_STORAGE_EPHEMERAL)';
const credentials = `Check user and password in ${setting}`;
const certificate = `presents a certificate that is not trusted. Name the host that it is for in ${setting}, or let Node trust its issuer with NODE_EXTRA_CA_CERTS`;
const notTls = `does not speak TLS on this port. Write redis:// for rediss://, or name its TLS port, in ${setting}`;

/** By the first word of what Redis answers. */
const ofReplies: Readonly<Record<string, string>> = {
  WRONGPASS: `refuses this user or password. ${credentials}`,
  NOAUTH: `wants a password. ${credentials}`,
  NOPERM: `does not permit this user what is needed. Let it use the commands PING, INFO, GET, MGET, SET, DEL, EXISTS, INCRBY, EXPIRE, PTTL, MULTI, EXEC, EVAL and EVALSHA on the keys sallyport:*`,
  OOM: 'is out of memory. Give it more (maxmemory), or find what else fills it; nothing needs a restart',
  READONLY: `is a replica and takes no writes. Name the primary in ${setting}`,
  LOADING: 'is still loading its data. Wait until it has',
  MASTERDOWN: 'has lost its primary. Bring that back',
  NOREPLICAS: 'has too few replicas to take writes (min-replicas-to-write). Bring them back',
  MISCONF: 'cannot write its snapshot and so takes no writes. Check its disk and its log',
  BUSY: "runs somebody's script for too long. See SCRIPT KILL",
  MOVED: `is part of a Redis Cluster, which is not supported. Name a single Redis in ${setting}`,
  CROSSSLOT: `is part of a Redis Cluster, which is not supported. Name a single Redis in ${setting}`,
  CLUSTERDOWN: `is part of a Redis Cluster, which is not supported. Name a single Redis in ${setting}`,
  WRONGTYPE: `holds something else under our keys (sallyport:*). Give Sallyport a database of its own in ${setting}`,
};

/** By the error of the network, or of TLS. */
const ofNetwork: Readonly<Record<string, string>> = {
  ENOTFOUND: `cannot be found: there is no such host. Correct ${setting}`,
  EAI_AGAIN: 'cannot be found: the name service does not answer. Check the DNS of this machine',
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate,
  SELF_SIGNED_CERT_IN_CHAIN: certificate,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificate,
  CERT_HAS_EXPIRED: 'presents a certificate that has expired. Renew it',
  ERR_TLS_CERT_ALTNAME_INVALID: certificate,
  ERR_SSL_WRONG_VERSION_NUMBER: notTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: notTls,
};

/**
 * @param where how messages call it
 * @param lost why there is no connection, when it is known
 * @returns the error to hand on: `EphemeralUnavailable` when Redis is to blame, else the error itself
 */
export function explainRedis(error: unknown, where: string, lost?: Error): unknown {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return error;
  return new EphemeralUnavailable(`Redis at ${where} ${sentenceOf(error, lost)}.`);
}

function sentenceOf(error: Error, lost: Error | undefined): string {
  const reply = replyCode(error) ?? replyCode(lost);
  if ([error, lost].some((one) => one?.message.includes('DB index is out of range')))
    return `does not have this database. Correct its number, behind the host in ${setting}`;
  if (reply !== undefined) return ofReplies[reply] ?? `refused a command (${reply}). See its log`;
  if (error.message === 'Command timed out')
    return `did not answer within ${redisAnswerMilliseconds / 1000} seconds. Check that it, and the network to it, are well`;
  const code = networkCode(error) ?? networkCode(lost);
  const known = ofNetwork[code ?? ''];
  if (known !== undefined) return known;
  return `cannot be reached${code === undefined ? '' : ` (${code})`}. Check that it runs and that ${setting} names it`;
}

function replyCode(error: Error | undefined): string | undefined {
  if (error?.name !== 'ReplyError') return undefined;
  // What a user may not do in a script has no word of its own; Redis 7.0 and 7.2 call it differently.
  if (/^ERR (?:ACL failure in script|The user executing the script)/.test(error.message)) return 'NOPERM';
  // The failure of a script, or of a transaction, comes with the failure of its command inside.
  return (
    /(?:^EXECABORT Transaction discarded because of: |^|-)([A-Z]{3,})\b/.exec(error.message)?.[1] ?? 'ERR'
  );
}

function networkCode(error: Error | undefined): string | undefined {
  if (error === undefined || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
