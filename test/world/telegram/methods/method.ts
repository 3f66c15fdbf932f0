// What a Bot API method is here: the world and a call in, the result's JSON out.
import type { World } from '../model.ts'
import type { Call } from '../readCall.ts'
import type { Webhook } from '../webhook.ts'

/** A method. Throws ApiError to refuse. */
export type Method = (world: World & { readonly webhook: Webhook }, call: Call) => unknown
