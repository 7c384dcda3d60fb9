// The operator's word: one YAML file, the environment over it, defaults under it. The story file of this folder.

import { resolve } from 'node:path';
import { judgeAgreement } from './agree.ts';
import { completeClients } from './clients.ts';
import { complete, placeOf } from './complete.ts';
import type { Config } from './config.ts';
import { readConfigFile } from './file.ts';
import type { ConfigFile } from './file.ts';
import { interpolate } from './interpolate.ts';
import { judgeKeys, judgeShape } from './judge.ts';
import { isMap, mergeLayers, ownVariables } from './layers.ts';
import type { Environment } from './layers.ts';
import { logoOf } from './logo.ts';
import { privateKeyOf } from './private-key.ts';
import { ConfigInvalid, printPath } from './problem.ts';
import type { Path, Place, Problem } from './problem.ts';
import { isLoopbackHost } from './public-url.ts';
import { settings as settingsSchema } from './schema.ts';
import { completeSignIn } from './sign-in/complete.ts';
import { foundAt } from './sign-in/judge.ts';

export type { Config, ServerConfig } from './config.ts';
export { ConfigInvalid } from './problem.ts';
export type { Problem } from './problem.ts';
export { isLoopbackHost } from './public-url.ts';
export { nearest } from './nearest.ts';
export { toolsetScopes } from './toolset-scopes.ts';
export { reservedWords } from './reserved-words.ts';
export { configJsonSchema } from './json-schema.ts';
export type { GivenPrivateKey } from './private-key.ts';
export { isUpstream } from './sign-in/complete.ts';
export { describePeople, namesAny } from './sign-in/people.ts';
export { kindOf as providerKindOf } from './sign-in/kinds.ts';
export type { SignInConfig, UpstreamConfig } from './sign-in/complete.ts';
export { hasDatabase, inspectSecrets, openSecrets, SecretsUnusable } from './secrets.ts';

export interface ConfigSource {
  /** The path of `--config`. */
  readonly file?: string | undefined;
  readonly profile?: string | undefined;
  readonly environment: Environment;
  readonly cwd: string;
}

/** @throws ConfigInvalid with every problem at once */
export function loadConfig(source: ConfigSource): Config {
  const problems: Problem[] = [];
  const report = (problem: Problem): void => void problems.push(problem);
  const { environment } = source;
  const profile = source.profile ?? (environment[ownVariables.profile] || undefined);

  const file = readConfigFile(source.file ?? (environment[ownVariables.config] || undefined), source.cwd);
  judgeProfiles(file, profile, report);
  const layers = mergeLayers(file, profile, environment, source.cwd, report);
  const values = interpolate(layers, environment, report, (path) => foundAt(layers.values, path));
  const settings = judgeShape(values, settingsSchema, layers.place, report);
  judgeAgreement(values, layers.place, report);

  if (settings === undefined) throw new ConfigInvalid(inOrder(problems));
  const absolute = (path: Path, value: string): string =>
    resolve(layers.isFromEnvironment(path) ? source.cwd : (file?.folder ?? source.cwd), value);
  const { privateKeyFile } = settings.tokens?.access ?? {};
  const privateKey = privateKeyOf(
    privateKeyFile && absolute(['tokens', 'access', 'privateKeyFile'], privateKeyFile),
    environment,
    (path) => resolve(source.cwd, path),
  );
  const say = (path: Path, what: string, instead: string): void =>
    report({ key: printPath(path), place: layers.place(path), what, instead });
  const clients = completeClients(settings.clients ?? [], absolute, say);
  const signIn = completeSignIn(settings.signIn ?? [{ provider: 'password' }], {
    // Nobody gets an account on a server that others can reach unless the operator said so.
    signUpByDefault: isOnlyThisMachine(placeOf(settings)),
    absolute,
    say,
  });
  const logo = logoOf(settings, absolute, say);
  if (problems.length > 0) throw new ConfigInvalid(inOrder(problems));
  return complete(settings, { absolute, privateKey, clients, signIn, logo, file });
}

/** The settings of a profile that was not chosen are read too, so that a slip in it is found today. */
function judgeProfiles(
  file: ConfigFile | undefined,
  chosen: string | undefined,
  report: (problem: Problem) => void,
): void {
  if (file === undefined || !Object.hasOwn(file.values, 'profiles')) return;
  const { profiles } = file.values;
  const place = (path: Path): Place => file.place(path);
  if (!isMap(profiles)) {
    report({
      key: 'profiles',
      place: place(['profiles']),
      what: 'must be a map of profile names',
      instead: 'Write, for example: profiles: { production: { publicUrl: https://mcp.example.com } }',
    });
    return;
  }
  for (const [name, profile] of Object.entries(profiles)) {
    const path = ['profiles', name];
    if (!isMap(profile)) {
      report({
        key: `profiles.${name}`,
        place: place(path),
        what: 'must be a map of keys',
        instead: 'Write the keys that this profile changes.',
      });
    } else if (name !== chosen) {
      judgeKeys(profile, path, settingsSchema, place, report);
    }
  }
}

/** As they stand in the file, so that they can be worked through from top to bottom. */
function inOrder(problems: readonly Problem[]): Problem[] {
  const line = ({ place }: Problem): number => (place.kind === 'file' ? place.line * 1e6 + place.column : 0);
  return problems.toSorted((one, other) => line(one) - line(other));
}

function isOnlyThisMachine({ publicUrl, host }: { publicUrl: string; host: string }): boolean {
  const { protocol, hostname } = new URL(publicUrl);
  const listens = host === '::1' || isLoopbackHost(host.toLowerCase());
  return protocol === 'http:' && isLoopbackHost(hostname) && listens;
}
