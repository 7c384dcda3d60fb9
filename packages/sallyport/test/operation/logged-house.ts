// A house whose log is the program's own, written to memory instead of stderr.
import { createLog } from '../../src/door/index.ts';
import { EMAIL, PASSWORD } from '../house/client.ts';
import { openHouse, type House, type HouseOptions } from '../house/open-house.ts';

export type Line = Readonly<Record<string, unknown>> & { readonly event: string; readonly level: string };

export interface LoggedHouse extends House {
  /** All that was written since it was open. */
  readonly logged: () => string;
  readonly lines: () => readonly Line[];
}

/** With one person who can sign in. */
export async function openLoggedHouse(
  level: 'debug' | 'info' | 'warn',
  { calls = false, ...options }: HouseOptions & { readonly calls?: boolean } = {},
): Promise<LoggedHouse> {
  let logged = '';
  const log = createLog(level, { write: (text: string) => void (logged += text) }, { calls });
  const house = await openHouse({
    ...options,
    environment: { ...options.environment, SALLYPORT_LOG_LEVEL: level },
    log,
  });
  await house.addPerson(EMAIL, PASSWORD);
  // That its first signing key was made.
  logged = '';
  const lines = () =>
    logged
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  return { ...house, logged: () => logged, lines };
}
