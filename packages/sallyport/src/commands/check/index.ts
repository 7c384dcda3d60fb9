// sallyport check: everything that could keep the server from starting or from being safe, looked at without starting it.

import { describeMode } from '@sallyport/authorization-server';
import type { Config } from '../../config/index.ts';
import { commandLine, configOf, parse, withConfiguration } from '../command-line.ts';
import type { CommonOptions } from '../command-line.ts';
import { exitCodes } from '../failure.ts';
import { paint, print } from '../io.ts';
import type { Command, Io } from '../io.ts';
import { judgeAuthorizationServer } from './authorization-server.ts';
import { judgeKnownClients, judgePkce } from './clients.ts';
import { ok } from './finding.ts';
import type { Finding } from './finding.ts';
import { judgeLook } from './look.ts';
import { judgeProviders } from './providers.ts';
import { judgeExposure, judgeIssuer, judgePort } from './reach.ts';
import { judgeEphemeral, judgeFolder, judgeKeyFile, judgeStore } from './store.ts';

export const check: Command = {
  name: 'check',
  summary: 'Check the configuration, the data, the port and the providers, without starting',
  async run(args, io) {
    const line = withConfiguration(
      commandLine('check', check.summary, io, [
        ['check', 'what `serve` would meet'],
        ['check --config production.yaml --json', 'for a script'],
      ]),
    );
    let findings: readonly Finding[] = [];
    line.option('--json', 'print JSON').action(async (options: CommonOptions & { json?: boolean }) => {
      findings = await inspect(configOf(options, io), io);
      print(io, options.json === true ? JSON.stringify(findings, null, 2) : printed(findings, io));
    });
    await parse(line, args, io);
    return findings.some(({ state }) => state === 'fail') ? exitCodes.failed : exitCodes.done;
  },
};

/** Changes nothing, but brings an existing database up to this version's schema, as `serve` would. */
async function inspect(config: Config, io: Io): Promise<Finding[]> {
  const folder = await judgeFolder(config);
  return [
    ok('configuration', config.file === undefined ? 'no file, so the defaults apply' : config.file),
    judgeIssuer(config),
    ...judgeExposure(config),
    ...judgeLook(config),
    ...(config.authorizationServer === undefined
      ? [ok('registration', describeMode(config.registration))]
      : await judgeAuthorizationServer(config.authorizationServer.server)),
    ...judgePkce(config),
    await judgePort(config),
    folder,
    ...(await judgeKeyFile(config)),
    ...(folder.state === 'fail' ? [] : await judgeStore(config, io)),
    ...(await judgeEphemeral(config)),
    ...(await judgeKnownClients(config, io)),
    ...(await judgeProviders(config, io)),
  ];
}

function printed(findings: readonly Finding[], io: Io): string {
  const width = Math.max(...findings.map(({ about }) => about.length));
  const styles = { ok: 'green', warn: 'yellow', fail: 'red' } as const;
  return findings
    .map(({ about, state, says, next }) => {
      const head = `${paint(io.stdout, styles[state], state.padEnd(4))}  ${about.padEnd(width)}  ${says}`;
      return next === undefined ? head : `${head}\n      ${' '.repeat(width)}  → ${next}`;
    })
    .join('\n');
}
