// For tests: links asked for in a chat and signed as a wallet's browser would, over the product's own flows.
import { type LocalAccount, zeroAddress } from 'viem'
import type { JobsContext } from '../jobs/context.ts'
import type { LinkRefusal } from './linkRequest.ts'
import { requestLink } from './linkRequest.ts'
import { acceptProof, askForProof, type LinkPurpose, type ProofOutcome } from './proveWallet.ts'
import type { LinkPerson, LinkRequest } from './walletLink.ts'

export const site = { publicUrl: 'https://pages.test', chainId: 84_532 }
/** The seller of the test shop's live listing. */
export const seller: LinkPerson = { platform: 'telegram', userId: '9', label: 'Bo' }

export function createTestWallets(context: JobsContext) {
  const asks = (person = seller, more: { expected?: `0x${string}` } = {}) =>
    requestLink({
      requests: context.walletLinkRequests,
      person,
      ...more,
      nowMs: context.clock.now(),
      random: context.random,
    })

  interface Try {
    readonly id: string
    readonly code?: string
    readonly account: LocalAccount
    readonly purpose?: LinkPurpose
    /** Changes what is signed and sent. */
    readonly tamper?: (message: string) => string
    readonly signer?: LocalAccount
  }

  const message = ({ id, code = '', account, purpose = 'link' }: Try) =>
    askForProof({ context, site, id, code, purpose, address: account.address })

  /** Both steps of the page; the first refusal ends it. */
  async function signs(one: Try): Promise<ProofOutcome | LinkRefusal> {
    const { id, code = '', account, purpose = 'link', tamper = (text: string) => text, signer = account } = one
    const asked = await message(one)
    if (!asked.ok) return asked
    const text = tamper(asked.message)
    const signature = await signer.signMessage({ message: text })
    return acceptProof({ context, site, id, code, purpose, message: text, signature })
  }

  return {
    asks,
    message,
    signs,
    /** Asks for a link and signs it. */
    async links(account: LocalAccount, person = seller) {
      const { id, request } = await asks(person)
      const outcome = await signs({ id, code: request.code, account })
      return { id, request, outcome }
    },
    requestOf: async (id: string): Promise<LinkRequest | undefined> =>
      (await context.walletLinkRequests.get(id))?.value,
    linkOf: async (person = seller) => (await context.walletLinks.get(`${person.platform}:${person.userId}`))?.value,
    /** No wallet has it. */
    nobody: zeroAddress,
  }
}
