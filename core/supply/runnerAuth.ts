// How a runner's request proves whose it is: an EIP-712 signature over everything it asks, good for a minute.
import {
  type Address,
  bytesToHex,
  type Hex,
  isAddressEqual,
  type LocalAccount,
  recoverTypedDataAddress,
  sha256,
} from 'viem'
import { z } from 'zod'
import { address, bytes32, hexBytes, instantMs } from '../codecs.ts'
import { type RandomBytes, randomBytes } from '../ids.ts'

/** What is signed. `path` is as sent, with its query; the body counts by its hash, so an empty one has a hash too. */
export interface RunnerRequest {
  readonly method: string
  readonly path: string
  readonly body: Uint8Array
}

/** The proof that goes along, in headers. */
export interface RunnerAuth {
  readonly runner: Address
  readonly timestampMs: number
  /** 32 random bytes; whoever verifies must refuse one it has seen. */
  readonly nonce: Hex
  readonly signature: Hex
}

/** A request is good for this long before and after its timestamp. */
export const RUNNER_AUTH_WINDOW_MS = 60_000

const TYPES = {
  Request: [
    { name: 'method', type: 'string' },
    { name: 'path', type: 'string' },
    { name: 'bodyHash', type: 'bytes32' },
    { name: 'timestampMs', type: 'uint64' },
    { name: 'nonce', type: 'bytes32' },
  ],
} as const

function typedData(request: RunnerRequest, auth: Pick<RunnerAuth, 'timestampMs' | 'nonce'>, chainId: number) {
  const { method, path, body } = request
  const timestampMs = BigInt(auth.timestampMs)
  return {
    domain: { name: 'Necto Runner', version: '1', chainId },
    types: TYPES,
    primaryType: 'Request',
    message: { method, path, bodyHash: sha256(body), timestampMs, nonce: auth.nonce },
  } as const
}

/** Signs one request with the runner's key. `chainId` is the escrow's chain. */
export async function signRunnerRequest(options: {
  account: LocalAccount
  chainId: number
  request: RunnerRequest
  nowMs: number
  random?: RandomBytes
}): Promise<RunnerAuth> {
  const { account, chainId, request, nowMs, random = randomBytes } = options
  const fresh = { timestampMs: nowMs, nonce: bytesToHex(random(32)) }
  const signature = await account.signTypedData(typedData(request, fresh, chainId))
  return { runner: account.address, ...fresh, signature }
}

/** undefined: the runner named in `auth` signed this request, now. Seen nonces are for the caller to refuse. */
export async function verifyRunnerRequest(options: {
  chainId: number
  request: RunnerRequest
  auth: RunnerAuth
  nowMs: number
}): Promise<'stale-timestamp' | 'bad-signature' | undefined> {
  const { chainId, request, auth, nowMs } = options
  if (Math.abs(nowMs - auth.timestampMs) > RUNNER_AUTH_WINDOW_MS) return 'stale-timestamp'
  try {
    const signer = await recoverTypedDataAddress({
      ...typedData(request, auth, chainId),
      signature: auth.signature,
    })
    return isAddressEqual(signer, auth.runner) ? undefined : 'bad-signature'
  } catch {
    return 'bad-signature'
  }
}

const HEADERS = {
  runner: 'x-necto-runner',
  timestampMs: 'x-necto-timestamp',
  nonce: 'x-necto-nonce',
  signature: 'x-necto-signature',
} as const

const headersSchema = z.object({
  runner: address,
  timestampMs: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(instantMs),
  nonce: bytes32,
  signature: hexBytes,
})

/** The proof as headers. */
export function toAuthHeaders(auth: RunnerAuth): Record<string, string> {
  return {
    [HEADERS.runner]: auth.runner,
    [HEADERS.timestampMs]: String(auth.timestampMs),
    [HEADERS.nonce]: auth.nonce,
    [HEADERS.signature]: auth.signature,
  }
}

/** The proof from headers; undefined when one is missing or malformed. */
export function readAuthHeaders(header: (name: string) => string | undefined): RunnerAuth | undefined {
  const raw = Object.fromEntries(Object.entries(HEADERS).map(([key, name]) => [key, header(name)]))
  return headersSchema.safeParse(raw).data
}
