// What every picture of ours keeps to.

/** Discord takes this many characters as a file's description. */
export const MAX_ALT = 1024
