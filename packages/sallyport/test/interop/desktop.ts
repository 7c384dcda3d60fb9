// The computer of somebody who has an account: a folder for the programs on it, and a browser that they open.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openListeningHouse, type ListeningHouse } from '../house/listening-house.ts';
import { openedUrls, type OpenedUrls } from './opened-urls.ts';
import { personAt, type Person } from './person.ts';

export interface Desktop {
  readonly house: ListeningHouse;
  readonly person: Person;
  readonly folder: string;
  readonly opened: OpenedUrls;
  close(): Promise<void>;
}

export async function openDesktop(): Promise<Desktop> {
  const house = await openListeningHouse();
  const person = await personAt(house);
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-desktop-'));
  const opened = await openedUrls(folder);
  return {
    house,
    person,
    folder,
    opened,
    async close() {
      await opened.close();
      await house.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
