// JSON-RPC errors with the codes, messages and data that a 0G storage node answers.

/** Thrown by a method, answered to the client as it stands. */
export class RpcError extends Error {
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** A parameter the node refuses; clients match on `reason`. */
export function invalidParams(field: string, reason: string): RpcError {
  return new RpcError(-32602, `Invalid params: ${field}`, reason)
}

/** A refusal that the node has no parameter to blame for. */
export function internalError(reason: string): RpcError {
  return new RpcError(-32603, 'Internal error', reason)
}

/** Errors of the node's inner parts reach the client with their text as the message. */
export function serverError(reason: string): RpcError {
  return new RpcError(-32000, reason)
}
