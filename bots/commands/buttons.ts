// What the buttons do: one function per action name, run only after the token was checked and used up.
import { abandonJob, chooseMode, pickOffer } from '../../core/jobs/changeOffer.ts'
import { orderJob } from '../../core/jobs/orderJob.ts'
import { decideListing } from '../../core/supply/submitListing.ts'
import { memberKey, type Team } from '../../core/teams/team.ts'
import { type Action, REFUSAL_TEXTS } from '../chat/actions.ts'
import { commandOf, type SaidCommand } from '../chat/commandButton.ts'
import { JOB_FORM_PRESSES } from '../forms/jobFormPresses.ts'
import type { ActionEvent, BotApp, Press } from './app.ts'
import { type Moved, moveToPrivate } from './moveToPrivate.ts'
import { rescan } from './rescan.ts'
import { pressSecrets } from './secretsPress.ts'
import { COMMANDS } from './table.ts'
import { TEAM_PRESSES } from './teamButtons.ts'
import { teamForMode } from './teamForMode.ts'
import { workTeam } from './teamOf.ts'
import { pressLink, pressStop } from './walletCommand.ts'
import { whyNotSubmit } from './whyNotSubmit.ts'

const PRESSES: Readonly<Record<string, Press>> = {
  ...JOB_FORM_PRESSES,
  'job.mode': async (app, action, event) => {
    const mode = action.data.mode === 'untracked' ? 'untracked' : 'tracked'
    if (mode === 'untracked' && !event.place.isPrivate) return MOVED[await moveToPrivate(app, action.subject, event)]
    const whose = await teamForMode(app, { ref: action.subject, mode, event })
    if (!whose.ok) return whose.why
    const job = await chooseMode({ context: app.context, ref: action.subject, mode, team: whose.team })
    return job ? `Now ${job.mode === 'tracked' ? 'Tracked' : 'Untracked'}.` : MOVED['too-late']
  },
  'job.pick': async (app, action) => {
    const job = await pickOffer({ context: app.context, ref: action.subject, offerId: String(action.data.offerId) })
    return job ? 'Taken instead.' : 'This offer cannot be taken any more. Nothing was changed.'
  },
  'job.pay': async (app, action) => {
    const ordered = await orderJob({ context: app.context, ref: action.subject })
    return ordered.ok ? 'Sealed. Open the payment page.' : ordered.why
  },
  'job.secrets': (app, action, event) => pressSecrets(app, action.subject, event),
  'job.cancel': async (app, action) => {
    const job = await abandonJob({ context: app.context, ref: action.subject })
    return job ? 'Cancelled. No money moved.' : 'Too late to cancel: it is paid or over.'
  },
  'job.rescan': async (app, action, event) => rescan(app, action.subject, event),
  'listing.approve': (app, action, event) => decide(app, action, event, true),
  'listing.reject': (app, action, event) => decide(app, action, event, false),
  'wallet.link': (app, _, event) => pressLink(app, event),
  'wallet.stop': async (app, action, event) => {
    const who = memberKey(event.principal)
    return who === action.subject || app.admins.includes(who)
      ? pressStop(app, action, event)
      : REFUSAL_TEXTS['not-yours']
  },
  ...TEAM_PRESSES,
}

const MOVED: Readonly<Record<Moved, string>> = {
  moved: 'Now Untracked.',
  'too-late': 'Too late: the decision is sealed.',
  unreachable: 'Untracked jobs continue in a private chat. Write to me in private first, then try again.',
}

async function decide(app: BotApp, action: Action, event: ActionEvent, approve: boolean): Promise<string> {
  const decidedBy = `${event.principal.platform}:${event.principal.userId}`
  if (!app.admins.includes(decidedBy)) return REFUSAL_TEXTS['not-yours']
  const listing = await decideListing({ listings: app.context.listings, id: action.subject, approve, decidedBy })
  if (!listing) return 'It was decided already.'
  return approve ? `${listing.name} is approved; it goes on chain now.` : `${listing.name} is rejected.`
}

/** Why not, if not: a role or a seat in the group that was taken away counts for buttons shown before. Giving up is free to whoever asked. */
async function whyNotPress(app: BotApp, action: Action, event: ActionEvent): Promise<string | undefined> {
  const team = await teamOfPress(app, action, event)
  return team && whyNotSubmit(app, team, event)
}

async function teamOfPress(app: BotApp, action: Action, event: ActionEvent): Promise<Team | undefined> {
  if (action.action === 'jobForm.press') {
    const origin = (await app.formDrafts.get(action.subject))?.value.origin
    return origin && workTeam(app, { place: origin, principal: event.principal })
  }
  if (!action.action.startsWith('job.') || action.action === 'job.cancel') return undefined
  const teamId = (await app.context.jobs.get(action.subject))?.value.teamId
  return teamId === undefined ? undefined : (await app.context.teams.get(teamId))?.value
}

/** One press: checked, used up, done, answered. */
export async function press(app: BotApp, event: ActionEvent, signal: AbortSignal): Promise<void> {
  const said = event.kind === 'action' ? commandOf(event.token) : undefined
  if (said) return sayCommand(app, { event, said }, signal)
  const taken = await app.actions.take({
    token: event.token,
    key: event.key,
    principal: event.principal,
    place: event.place,
  })
  if (!taken.ok) return app.chat.notice(event, REFUSAL_TEXTS[taken.why])
  const whyNot = await whyNotPress(app, taken.action, event)
  if (whyNot) return app.chat.notice(event, whyNot)
  const run = PRESSES[taken.action.action]
  const told = run ? await run(app, taken.action, event, signal) : REFUSAL_TEXTS.unknown
  if (told !== undefined) await app.chat.notice(event, told)
}

/** A button that says a command: the same as if it had been typed here by whoever pressed. */
async function sayCommand(
  app: BotApp,
  { event, said }: { event: ActionEvent; said: SaidCommand },
  signal: AbortSignal,
): Promise<void> {
  const command = COMMANDS.find(({ name }) => name === said.name)
  if (!command || event.principal.kind !== 'user') return app.chat.notice(event, REFUSAL_TEXTS.unknown)
  // Before it runs, which may take longer than a press can wait.
  await app.chat.notice(event, '')
  const { key, principal, place, message } = event
  await command.run(app, { kind: 'command', key, principal, place, message, ...said }, signal)
}
