// What a look at one thing found: it is as it should be, may surprise, or stands in the way.

export interface Finding {
  readonly about: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly says: string;
  readonly next?: string;
}

export function ok(about: string, says: string): Finding {
  return { about, state: 'ok', says };
}

export function warn(about: string, says: string, next: string): Finding {
  return { about, state: 'warn', says, next };
}

export function fail(about: string, says: string, next?: string): Finding {
  return { about, state: 'fail', says, ...(next === undefined ? {} : { next }) };
}
