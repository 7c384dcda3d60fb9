// Version 22: by which provider somebody signed in, kept with the session and with what they allowed in it.

export const whoSignedIn = (): readonly string[] => [
  'ALTER TABLE sessions ADD COLUMN provider TEXT',
  'ALTER TABLE grants ADD COLUMN provider TEXT',
];
