export * from './arrival.ts';
export * from './caller.ts';
export * from './person.ts';
export * from './refusal.ts';
