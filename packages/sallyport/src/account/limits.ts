// The numbers of the person's own pages, each with its reason.

/** A token outlives the session that made it, so whoever finds a browser open must not get one. */
export const RECENT_SIGN_IN_SECONDS = 15 * 60;
/** As much longer for a form that was shown in time: filling it in takes some, and a lunch is more. */
export const FORM_SECONDS = 30 * 60;
/** A line of a list. */
export const TOKEN_NAME_CHARACTERS = 60;
/** A month for a trial, a season, a year: as far as the operator allows, whose own limit is offered too. */
export const TOKEN_DAYS: readonly number[] = [30, 90, 365];
/** Chosen at first: soon enough that a token which nobody needs any more is gone within the season. */
export const USUAL_TOKEN_DAYS = 90;
