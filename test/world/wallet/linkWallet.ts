// A seller's careful wallet: opens a link as a browser would, types the code, compares the text it is to sign, and signs once.
import type { LocalAccount } from 'viem'
import { parseSiweMessage } from 'viem/siwe'
import { z } from 'zod'

const refusalSchema = z.object({ ok: z.literal(false), code: z.string(), why: z.string() })
const messageSchema = z.object({ ok: z.literal(true), message: z.string() })
const linkedSchema = z.object({
  ok: z.literal(true),
  outcome: z.enum(['linked', 'waiting', 'agreed']),
  text: z.string(),
})

export interface Linking {
  /** What the server made of it, or where it ended: no page, a text that is not about this site and account, a refusal. */
  readonly outcome: 'linked' | 'waiting' | 'agreed' | 'no-page' | 'distrusted' | 'refused'
  /** The refusal's code. */
  readonly code?: string
  /** What the page says of it. */
  readonly text?: string
}

/** Links one wallet; never throws for a refusal. `purpose` 'agree': the old wallet lets a change happen at once. */
export async function linkWallet(options: {
  url: string
  code: string
  account: LocalAccount
  purpose?: 'link' | 'agree'
}): Promise<Linking> {
  const { url, code, account, purpose = 'link' } = options
  const opened = await fetch(url, { headers: { Accept: 'text/html' } })
  await opened.text()
  if (opened.status !== 200) return { outcome: 'no-page' }
  const asked = await post('message', { purpose, code, address: account.address }, messageSchema)
  if (!asked.ok) return { outcome: 'refused', code: asked.code, text: asked.why }
  const said = parseSiweMessage(asked.message)
  // What every wallet shows, or warns of: another site's text, or one for another account.
  const { host, origin, pathname } = new URL(url)
  const isHere = said.domain === host && said.uri === origin && said.requestId === pathname.split('/').at(-1)
  if (!isHere || said.address !== account.address) return { outcome: 'distrusted' }
  const signature = await account.signMessage({ message: asked.message })
  const linked = await post('signature', { purpose, code, message: asked.message, signature }, linkedSchema)
  return linked.ok
    ? { outcome: linked.outcome, text: linked.text }
    : { outcome: 'refused', code: linked.code, text: linked.why }

  async function post<Schema extends z.ZodType>(path: string, body: object, schema: Schema) {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
    const reply: unknown = await (await fetch(`${url}/${path}`, init)).json()
    return z.union([schema, refusalSchema]).parse(reply) as z.output<Schema> | z.output<typeof refusalSchema>
  }
}
