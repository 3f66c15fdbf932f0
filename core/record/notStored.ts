// What 0G's gateway answers for a file that it does not have.

/** The gateway says "not found" with status 200 and a JSON envelope; a record never begins like one. */
export const isNotStored = (bytes: Uint8Array): boolean =>
  /^\{"code":\s*\d+,/.test(new TextDecoder().decode(bytes.subarray(0, 200)))
