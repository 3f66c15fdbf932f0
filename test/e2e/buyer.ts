// A person who asks for jobs, presses buttons and pays, and waits for what the chat then shows.
import type { LocalAccount } from 'viem'
import { ESCROW_CHAIN_ID } from '../world/startWorld.ts'
import { type PayLinkOptions, type Payment, payLink } from '../world/wallet/wallet.ts'
import type { Stage } from './stage.ts'

export type Buyer = ReturnType<typeof createBuyer>
export type Chat = Stage['story']['cast']['team']
type Entry = Awaited<ReturnType<Stage['story']['see']>>

const SEEN_WITHIN_MS = 120_000

export const buttonsOf = (message: Pick<Entry, 'buttons'>): string[] =>
  message.buttons.flat().map((button) => button.text)
/** The data behind a button, for presses that no app would let a person make. */
export const dataOf = (message: Pick<Entry, 'buttons'>, label: string): string =>
  message.buttons.flat().find((button) => button.text.startsWith(label))?.data ?? ''

/** A newcomer with a chat of their own; ids are theirs alone. */
export function createBuyer(stage: Stage, who: { id: number; firstName: string }) {
  const { telegram } = stage.world
  const user = telegram.user(who)
  const chat: Chat = telegram.privateChat(user)
  const seen = (where: Chat = chat) => telegram.transcript(where).length
  const see = (matches: (entry: Entry) => boolean, options: { after?: number; where?: Chat } = {}) =>
    telegram.waitFor(options.where ?? chat, (entry) => entry.fromBot && matches(entry), {
      timeoutMs: SEEN_WITHIN_MS,
      after: options.after ?? 0,
    })
  const isOf = (ref: string) => (entry: Pick<Entry, 'text'>) => entry.text.startsWith(`Job ${ref}`)

  /** The newest state of a job's message. */
  function message(ref: string) {
    const found = telegram.messages(chat).findLast(isOf(ref))
    if (!found) throw new Error(`no message of job ${ref}`)
    return found
  }

  async function press(ref: string, label: string): Promise<string> {
    const shown = message(ref)
    const button = buttonsOf(shown).find((text) => text.startsWith(label))
    if (button === undefined) throw new Error(`${ref} shows no button "${label}" but ${buttonsOf(shown)}`)
    return (await telegram.press(user, shown, button)).text
  }

  return {
    user,
    chat,
    seen,
    see,
    message,
    press,

    /** Types a command; the first message of the bot after it. */
    async tell(text: string, where: Chat = chat): Promise<Entry> {
      const after = seen(where)
      telegram.command(user, where, text)
      return see(() => true, { after, where })
    },

    /** /job, until the decision stands there. */
    async ask(text: string): Promise<{ ref: string; entry: Entry }> {
      const after = seen()
      telegram.command(user, chat, `job ${text}`)
      const entry = await see(
        (one) => one.text.startsWith('Job ') && /Recommended|Cheapest|Nothing that fits|Your choice/.test(one.text),
        { after },
      )
      return { ref: /^Job ([0-9A-Z]{4}-[0-9A-Z]{4})/.exec(entry.text)?.[1] ?? '', entry }
    },

    /** Until the job's message says this. */
    shows: (ref: string, text: string | RegExp, after = 0): Promise<Entry> =>
      see(
        (entry) => isOf(ref)(entry) && (typeof text === 'string' ? entry.text.includes(text) : text.test(entry.text)),
        {
          after,
        },
      ),

    /** Presses Pay; the link of the pay page. Does not wait for the toast, which is lost when Necto ends meanwhile. */
    async order(ref: string): Promise<string> {
      const shown = message(ref)
      const pay = buttonsOf(shown).find((text) => text.startsWith('Pay up to'))
      if (pay === undefined) throw new Error(`${ref} has no button to pay but ${buttonsOf(shown)}`)
      void telegram.press(user, shown, pay)
      const entry = await see((one) => isOf(ref)(one) && buttonsOf(one).includes('Open the payment page'))
      return entry.buttons.flat().find((button) => button.url)?.url ?? ''
    },

    /** Presses Add secrets; the link of the page that takes them. */
    async secretsLink(ref: string): Promise<string> {
      const after = seen()
      await press(ref, 'Add secrets')
      const entry = await see((one) => buttonsOf(one).includes('Enter secrets'), { after })
      return entry.buttons.flat().find((button) => button.url)?.url ?? ''
    },

    pay: (url: string, account: LocalAccount, more: Partial<PayLinkOptions> = {}): Promise<Payment> =>
      payLink({ url, account, chainId: ESCROW_CHAIN_ID, waitMs: SEEN_WITHIN_MS, ...more }),
  }
}
