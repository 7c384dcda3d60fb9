// The signed-in person, as sign-in hands them to the rooms that must know who decides.

export interface Person {
  /** Stable, never reused; the `sub` of tokens. */
  readonly id: string;
  readonly email: string;
  readonly name: string;
}
