// The key behind the # of a job's link: read here, used here, sent nowhere.

const NONCE_BYTES = 12

export interface ResultKey {
  /** undefined: another key, another job's bytes, or changed ones. `kind` as in core/jobs/resultCipher.ts. */
  open(sealed: Uint8Array<ArrayBuffer>, kind: string): Promise<Uint8Array<ArrayBuffer> | undefined>
}

/** The key in the address; 'none' without one, 'no-crypto' where the browser decrypts on https alone. */
export async function readResultKey(jobId: string): Promise<ResultKey | 'none' | 'no-crypto'> {
  const hex = /^#key=([0-9a-fA-F]{64})$/.exec(location.hash)?.[1]
  if (!hex) return 'none'
  if (!crypto.subtle) return 'no-crypto'
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const key = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['decrypt'])
  return {
    async open(sealed, kind) {
      try {
        const additionalData = new TextEncoder().encode(`necto/${kind}/${jobId}`)
        const iv = sealed.subarray(0, NONCE_BYTES)
        const body = sealed.subarray(NONCE_BYTES)
        return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, body))
      } catch {
        return undefined
      }
    },
  }
}
