// Takes proofs over that a crash left behind, and tells owner and admins once of every change of a payout wallet.
import type { Collection, Stored } from '../../core/store/store.ts'
import { proveListing, takeProof } from '../../core/supply/proveWallet.ts'
import type { LinkRequest, WalletChange, WalletLink } from '../../core/supply/walletLink.ts'
import { platform as platformSchema } from '../chat/inbound.ts'
import { textView, type View } from '../chat/view.ts'
import type { BotApp } from '../commands/app.ts'
import { changeButtons } from '../commands/walletCommand.ts'
import { changeAskedView, changeEndedView } from '../views/walletView.ts'
import { type Notice, notifyOnce } from './notice.ts'
import { tellAdmins } from './tellAdmins.ts'

/** The work on one request that is proved, for `workOn`. */
export const createProofFollower =
  ({ context }: Pick<BotApp, 'context'>) =>
  async (doc: Stored<LinkRequest>): Promise<undefined> => {
    await takeProof(context, doc.id, doc.value)
  }

/** The work on one changed link, for `workOn`. */
export function createWalletFollower(options: { app: BotApp; notices: Collection<Notice> }) {
  const { app, notices } = options
  const { context } = app

  async function tellOwner(link: WalletLink, id: string, view: () => Promise<View>): Promise<void> {
    const { data: platform } = platformSchema.safeParse(link.person.platform)
    if (!platform) return
    const place = app.chat.privatePlace({ ...link.person, platform })
    await notifyOnce({
      notices,
      id,
      nowMs: context.clock.now(),
      send: async () => app.live.post(place, await view(), { urgent: true }),
      onUnreachable: (reason) => context.log.info({ msg: 'owner of a wallet not reached', what: id, reason }),
    })
  }

  return async function followWallet(doc: Stored<WalletLink>): Promise<number | undefined> {
    const link = doc.value
    const { wallet, change } = link
    if (wallet) {
      for (const { value } of await context.listings.list({ index: 'seller', key: doc.id }))
        if (value.state === 'submitted' && value.provenAtMs === undefined)
          await proveListing({ ...context, listing: value, nowMs: context.clock.now() })
      // A wallet that a change brought is told of as that change's end.
      if (change?.endedAtMs !== wallet.linkedAtMs)
        await tellOwner(link, `wallet:${doc.id}:${wallet.linkedAtMs}`, async () => linkedView(wallet.address))
    }
    return change ? tellOfChange(doc.id, link, change) : undefined
  }

  async function tellOfChange(person: string, link: WalletLink, change: WalletChange): Promise<number | undefined> {
    const asked = `wallet:${person}:${change.id}:asked`
    await tellOwner(link, asked, async () => {
      const { data: platform = 'telegram' } = platformSchema.safeParse(link.person.platform)
      const principal = { ...link.person, platform }
      const place = app.chat.privatePlace(principal)
      const buttons = await changeButtons(app, { principal, place, person, change })
      return changeAskedView({ link, change, for: 'owner', buttons })
    })
    const isOver = change.endedAtMs !== undefined
    const again = await tellAdmins({
      app,
      notices,
      id: asked,
      async view(admin, place) {
        const buttons = await changeButtons(app, { principal: admin, place, person, change })
        return changeAskedView({ link, change, for: 'admin', buttons })
      },
    })
    if (!isOver) return again
    const ended = `wallet:${person}:${change.id}:${change.state}`
    await tellOwner(link, ended, async () => changeEndedView({ link, change, for: 'owner' }))
    const view = async () => changeEndedView({ link, change, for: 'admin' })
    return (await tellAdmins({ app, notices, id: ended, view })) ?? again
  }
}

const linkedView = (address: string): View =>
  textView('Your payout wallet is linked: ', { text: address, style: 'code' }, '. What you earn is paid there.')
