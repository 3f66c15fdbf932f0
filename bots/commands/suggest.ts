// What completes an option that is being typed: known GPUs and places, the providers, the asker's jobs.
import { gpuFamilies } from '../../core/gpu/gpuTable.ts'
import { suggestGpus } from '../../core/gpu/suggestGpus.ts'
import { knownPlaces } from '../../core/region/placeTable.ts'
import { printRegion } from '../../core/region/regionWord.ts'
import type { Suggestion } from '../chat/commandSpec.ts'
import type { Place, Principal } from '../chat/inbound.ts'
import type { BotApp } from './app.ts'
import { ownJobs, teamJobs } from './jobsCommand.ts'
import { teamOf } from './teamOf.ts'

/** What somebody is typing, and where. */
export interface Suggesting {
  readonly suggest: Suggestion
  readonly text: string
  readonly principal: Principal
  readonly place: Place
}

interface Choice {
  readonly name: string
  readonly value: string
}

const MAX_CHOICES = 25

/** At most 25, best first. */
export async function suggestValues(app: BotApp, query: Suggesting): Promise<readonly Choice[]> {
  const choices = await choicesFor(app, query)
  const typed = query.text.trim().toLowerCase()
  const found = choices.flatMap((choice) => {
    const words = `${choice.value} ${choice.name}`.toLowerCase()
    const rank = words.startsWith(typed) ? 0 : words.includes(typed) ? 1 : undefined
    return rank === undefined ? [] : [{ choice, rank }]
  })
  const near = found.length === 0 && query.suggest === 'gpu' ? suggestGpus(typed, MAX_CHOICES).map(same) : []
  return [...found.sort((a, b) => a.rank - b.rank).map(({ choice }) => choice), ...near].slice(0, MAX_CHOICES)
}

const same = (value: string): Choice => ({ name: value, value })

async function choicesFor(app: BotApp, { suggest, principal, place }: Suggesting): Promise<readonly Choice[]> {
  switch (suggest) {
    case 'gpu':
      return GPUS
    case 'region':
      return PLACES
    case 'provider':
      return app.providers.map(({ id, name }) => ({ name, value: id }))
    case 'job': {
      // As /jobs lists them: in a group the team's Tracked ones, in private one's own.
      const team = await teamOf(app, place)
      const jobs = team ? await teamJobs(app, team, principal) : await ownJobs(app, principal)
      return [...jobs]
        .sort((a, b) => b.askedAtMs - a.askedAtMs)
        .map(({ ref, ask, state }) => ({ name: `${ref}: ${ask.gpu.family}, ${state}`, value: ref }))
    }
  }
}

// A family with several sizes is offered by size too: "a100" and "a100-80gb" are different asks.
const GPUS: readonly Choice[] = gpuFamilies.flatMap(({ family, sizes }) => [
  same(family),
  ...(sizes.length > 1 ? sizes.map(({ gib }) => same(`${family}-${gib}gb`)) : []),
])

const PLACES: readonly Choice[] = knownPlaces.map(({ code, name }) => ({
  name: `${name} (${printRegion(code)})`,
  value: printRegion(code),
}))
