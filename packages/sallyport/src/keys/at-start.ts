// Which signing keys there are when an instance starts: the first one, the next one when the configuration wants another
// kind, and the operator's own. Several instances may start at once; one of them adds it.

import { createSigningKey, openKeyRing, sealSigningKey, signerAt } from '@sallyport/crypto';
import type {
  Keychain,
  OpenedKeyRing,
  PrivateSigningKey,
  SealedSigningKey,
  SigningAlg,
} from '@sallyport/crypto';
import type { Log } from '@sallyport/protocol';
import type { Storage } from '@sallyport/storage';
import type { Config } from '../config/index.ts';
import { SecretsUnusable } from '../config/secrets.ts';
import { readGivenKey } from './given-key.ts';
import { limits } from './limits.ts';

interface Start {
  readonly config: Pick<Config, 'tokens' | 'secretsFile'>;
  readonly storage: Storage;
  readonly sealing: Keychain;
  readonly log: Log;
  /** Epoch seconds. */
  readonly now: number;
}

/** @throws SecretsUnusable for secrets of another store; KeyFileUnusable for the operator's own key; StorageUnavailable */
export async function openSigningKeys({ config, storage, sealing, log, now }: Start): Promise<OpenedKeyRing> {
  const { alg, privateKey } = config.tokens.access;
  const given = privateKey && (await readGivenKey(privateKey, alg));
  let made: PrivateSigningKey | undefined = given;
  for (;;) {
    const stored = await storage.listSigningKeys();
    const ring = openOwnKeys(stored, { sealing, secretsFile: config.secretsFile, now });
    const wanted = keyWantedAtStart(stored, { kid: given?.kid, alg }, now);
    if (wanted === undefined && ring !== undefined) return ring;
    made ??= await createSigningKey(alg ?? 'ES256');
    const { kid } = made;
    const signsFromAt = wanted?.signsFromAt ?? now;
    const key = sealSigningKey(made, sealing.current, { createdAt: now, signsFromAt });
    const outcome = await storage.addSigningKey({ key, after: stored[0]?.kid });
    if (outcome === 'added') log('info', 'signing_key_added', { kid, alg: key.alg, signsFromAt });
  }
}

/**
 * Whether a key has to be added, and from when it signs.
 * @param stored newest first
 * @param configured the kid of the operator's own key; the algorithm, where one is configured
 */
export function keyWantedAtStart(
  stored: readonly Pick<SealedSigningKey, 'kid' | 'alg'>[],
  configured: { readonly kid?: string | undefined; readonly alg?: SigningAlg | undefined },
  now: number,
): { readonly signsFromAt: number } | undefined {
  const [newest] = stored;
  if (newest === undefined) return { signsFromAt: now };
  const next = { signsFromAt: now + limits.publishSigningKeySeconds };
  // One that is known and not the newest was followed by another on purpose, perhaps by an instance that is newer.
  if (configured.kid !== undefined)
    return stored.some(({ kid }) => kid === configured.kid) ? undefined : next;
  return configured.alg === undefined || configured.alg === newest.alg ? undefined : next;
}

/**
 * To be asked before a key is added: it would be sealed with secrets that nobody else has.
 * @throws SecretsUnusable for secrets of another store
 */
export function openOwnKeys(
  stored: readonly SealedSigningKey[],
  { sealing, secretsFile, now }: { sealing: Keychain; secretsFile: string; now: number },
): OpenedKeyRing | undefined {
  if (stored.length === 0) return undefined;
  const ring = openKeyRing(stored, sealing.known);
  if (!belongs(ring, now)) throw foreign(secretsFile);
  return ring;
}

/** Whether every key that signs now or later could be opened. Older keys never sign again. */
export function belongs({ stored, opened }: OpenedKeyRing, now: number): boolean {
  const signer = signerAt(stored, now);
  const needed = stored.slice(0, stored.findIndex((key) => key === signer) + 1);
  return needed.every(({ kid }) => opened.has(kid));
}

function foreign(secretsFile: string): SecretsUnusable {
  return new SecretsUnusable(
    'secrets.json does not belong to this database: it cannot open what is sealed in it.',
    `Put the secrets.json of an instance that works, or of your backup, at ${secretsFile}. It must not be older than the last \`sallyport keys reseal\`.`,
  );
}
