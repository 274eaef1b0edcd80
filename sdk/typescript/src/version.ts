/** The version of this package; it goes along with each call. */
export const VERSION = "0.1.0";
