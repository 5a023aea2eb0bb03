/** Where in a bundle's archive what records have no place for lies, for who writes it and who reads it. */

export const BUNDLE_FOLDER = "bktui";
/** In the folder: an OCI layout of the state. */
export const STATE_FILE = "state.tar";
/** In the folder: lines for people. */
export const ABOUT_FILE = "about.txt";
