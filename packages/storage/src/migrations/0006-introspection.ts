// Version 6: clients that guard a server elsewhere, and the resources whose tokens they may ask about.

export const introspection = (): readonly string[] => ['ALTER TABLE clients ADD COLUMN introspects TEXT'];
