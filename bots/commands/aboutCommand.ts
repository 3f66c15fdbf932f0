// /about: what Necto is, how to know it from an impostor, and where its money and its decisions can be looked at.

import { knownEscrowChain } from '../../core/networks.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { aboutView } from '../views/aboutView.ts'
import { type Command, reply } from './app.ts'

export const aboutCommand: Command = {
  name: 'about',
  topic: 'necto',
  summary: 'What Necto is, its contract, and what it never does',
  usage: '/about',
  where: 'anywhere',
  async run(app, event) {
    const { router, chainId } = app.context.escrow
    await reply(
      app,
      event,
      aboutView({
        botNames: app.botNames(),
        router,
        chainName: knownEscrowChain(chainId)?.name ?? `chain ${chainId}`,
        chainId,
        explorerTxUrl: app.explorerTxUrl,
        publicUrl: app.publicUrl,
        version: packageJson.version,
      }),
    )
  },
}
