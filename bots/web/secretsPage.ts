// The page for a job's environment secrets, for whoever asked: what becomes of them, the names that are there, a field for more.
import { html } from 'hono/html'
import { type Html, page } from './html.ts'

export interface SecretsPageOptions {
  readonly assets: string
  readonly secretsToken: string
  readonly ref: string
  readonly linkToken: string
  readonly names: readonly string[]
  /** Why they can no longer be changed. */
  readonly closed: string | undefined
}

/** Reads and posts without scripts; what was saved is never shown back. */
export function secretsPage(options: SecretsPageOptions): Html {
  const { assets, ref, linkToken, names, closed } = options
  return page({
    title: `Secrets of job ${ref}`,
    assets,
    body: html`<h1>Secrets of job ${ref}</h1>
${closed === undefined ? '' : html`<p class="message" role="status">${closed}</p>`}
<p>Tokens and passwords that your command reads from its environment. They go to the machine that runs this job and nowhere else: not into the decision record, the chain, the chat or our logs. <b>The seller’s machine sees them</b>, so give only what you can revoke. We delete them when the job has run, or when its quote runs out unpaid.</p>
<p>This page is yours alone: whoever has its link can set these, and whoever has the link to pay sees how many there are and nothing else. It ends with the job.</p>
<p id="saved">${
      names.length > 0
        ? html`Saved: ${names.map((name, i) => html`${i > 0 ? ', ' : ''}<code>${name}</code>`)}. Their values are not shown again.`
        : 'None are saved.'
    }</p>
${closed === undefined ? formHtml(options) : ''}
${closed === undefined ? html`<p><a href="/pay/${linkToken}">Open the payment page</a></p>` : ''}`,
  })
}

const formHtml = ({ secretsToken, names }: SecretsPageOptions): Html =>
  html`<form class="panel" method="post" action="/secrets/${secretsToken}">
<label for="secrets-text">One NAME=value on each line</label>
<p class="note" id="secrets-help">Capitals, digits and underscores in a name; the value goes to the end of its line, as it is, without quotes. 32 of them at most, 4 KiB each. A name that is saved already gets the new value. Names that change how the machine starts programs, such as LD_PRELOAD, are not taken.</p>
<textarea id="secrets-text" name="secrets" rows="6" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="HF_TOKEN=…" aria-describedby="secrets-help"></textarea>
<button class="primary" type="submit">Save secrets</button>
${names.length > 0 ? html`<button type="submit" name="clear" value="yes">Remove all and save what is written here</button>` : ''}
</form>`

/** Why nothing was saved. What was typed is not sent back: the browser's own way back still has it. */
export const secretsRefusedPage = (options: { assets: string; secretsToken: string; why: string }): Html =>
  page({
    title: 'Secrets not saved',
    assets: options.assets,
    body: html`<h1>Secrets not saved</h1>
<p class="message bad" role="alert">${options.why}</p>
<p>Go back in your browser to correct what you wrote, or <a href="/secrets/${options.secretsToken}">open the page</a> anew.</p>`,
  })

/** What the pay page says of them. The names tell of the command, which no page shows, so it says only how many there are. */
export const secretsNote = (count: number): Html =>
  html`<p class="note" id="secrets">${
    count === 0
      ? 'The command gets no environment secrets. Whoever asked for this job can add some until it is paid, with “Add secrets” in the chat.'
      : `The command gets ${count} environment secret${count === 1 ? '' : 's'}, set by whoever asked for this job. Only they can change them, with “Add secrets” in the chat, until it is paid.`
  }</p>`
