// How the bot gets its updates: getUpdates, or a webhook; never both.
import { badRequest, conflict } from '../apiError.ts'
import { flagParam, jsonParam, numberParam, textParam } from '../params.ts'
import type { Method } from './method.ts'

/** Longer waits are cut to this. */
const longestPollSeconds = 50

export const getUpdates: Method = ({ updates, webhook }, { params, signal }) => {
  if (webhook.active()) {
    throw conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
  }
  const kinds = readAllowedUpdates(params)
  if (kinds) updates.allow(kinds)
  const limit = numberParam(params, 'limit') ?? 100
  return updates.take({
    offset: numberParam(params, 'offset') ?? 0,
    limit: limit < 1 || limit > 100 ? 100 : limit,
    timeoutSeconds: Math.min(Math.max(numberParam(params, 'timeout') ?? 0, 0), longestPollSeconds),
    signal,
  })
}

export const setWebhook: Method = ({ updates, webhook }, { params }) => {
  const url = textParam(params, 'url')
  const secretToken = textParam(params, 'secret_token')
  if (secretToken !== undefined && !/^[\w-]{1,256}$/.test(secretToken)) {
    throw badRequest('secret token contains unallowed characters')
  }
  const kinds = readAllowedUpdates(params)
  if (url !== undefined) checkWebhookUrl(url)
  if (kinds) updates.allow(kinds)
  if (flagParam(params, 'drop_pending_updates')) updates.drop()
  updates.interrupt('terminated by setWebhook request')
  webhook.set(
    url === undefined ? undefined : { url, secretToken, maxConnections: numberParam(params, 'max_connections') ?? 40 },
  )
  return true
}

export const deleteWebhook: Method = ({ updates, webhook }, { params }) => {
  if (flagParam(params, 'drop_pending_updates')) updates.drop()
  webhook.set(undefined)
  return true
}

export const getWebhookInfo: Method = ({ webhook }) => webhook.info()

/** Plain HTTP is taken on loopback, like a Bot API server in local mode does; elsewhere HTTPS on four ports. */
function checkWebhookUrl(url: string) {
  if (!URL.canParse(url)) throw badRequest('bad webhook: invalid webhook URL specified')
  const { protocol, hostname, port } = new URL(url)
  if (protocol === 'http:' && (hostname === '127.0.0.1' || hostname === 'localhost')) return
  if (protocol !== 'https:') throw badRequest('bad webhook: An HTTPS URL must be provided for webhook')
  if (!['', '443', '80', '88', '8443'].includes(port)) {
    throw badRequest('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443')
  }
}

/** Absent keeps what was set before; an empty list goes back to the default. */
function readAllowedUpdates(params: Readonly<Record<string, unknown>>): string[] | undefined {
  const value = jsonParam(params, 'allowed_updates')
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw badRequest("can't parse allowed_updates: expected an Array")
  return value.map(String)
}
