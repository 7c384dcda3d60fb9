// The numbers of this room, each with its reason.

/** A stranger chose these words: enough for any honest name, too little to push the buttons off the screen. */
export const SHOWN_TEXT_CHARACTERS = 80;
/** Longer addresses are not for people; also the usual limit of proxies and browsers' address bars. */
export const LINK_CHARACTERS = 2048;
/** 256 bits: nobody guesses another browser's id. */
export const BROWSER_ID_BYTES = 32;
/** Stylesheet and mark live at paths that carry the hash of their content, so they never change. */
export const ASSET_MAX_AGE_SECONDS = 31_536_000;
