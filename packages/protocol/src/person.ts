// The signed-in person, as sign-in hands them to the rooms that must know who decides.

export interface Person {
  /** Stable, never reused; the `sub` of tokens. */
  readonly id: string;
  readonly email: string;
  readonly name: string;
}

/** A person who is signed in at a browser. */
export interface SignedInPerson extends Person {
  /** Tells this sign-in from every other of the person; it leads nowhere. */
  readonly signIn: string;
  /** When they signed in here, in epoch seconds. */
  readonly signedInAt: number;
  /** When they proved who they are, where that is another time: elsewhere, and earlier. 0, or long ago: nobody can say. */
  readonly provenAt?: number;
  /** Id of the provider that said who it is, where that was kept. */
  readonly provider?: string;
  /** Who it is there, as that provider says; absent for a password. */
  readonly subject?: string;
}
