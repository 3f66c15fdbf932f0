// The pay page's section for environment secrets: what becomes of them, the names that are there, and a field for more.
import { html } from 'hono/html'
import { type Html, page } from './html.ts'

/** Reads and posts without scripts; what was saved is never shown back. */
export function secretsHtml({ token, names }: { token: string; names: readonly string[] }): Html {
  return html`<details class="panel" id="secrets"${names.length > 0 ? html` open` : ''}><summary>Environment secrets (optional)</summary>
<p>Tokens and passwords that your command reads from its environment. They go to the machine that runs this job and nowhere else: not into the decision record, the chain, the chat or our logs. <b>The seller’s machine sees them</b>, so give only what you can revoke. We delete them when the job has run, or when this quote runs out unpaid.</p>
${
  names.length > 0
    ? html`<p>Saved: ${names.map((name, i) => html`${i > 0 ? ', ' : ''}<code>${name}</code>`)}. Their values are not shown again.</p>`
    : ''
}
${secretsFormHtml(token, names.length > 0)}
</details>`
}

const secretsFormHtml = (token: string, hasSome: boolean): Html =>
  html`<form method="post" action="/pay/${token}/secrets">
<label for="secrets-text">One NAME=value on each line</label>
<p class="note" id="secrets-help">Capitals, digits and underscores in a name; the value goes to the end of its line, as it is, without quotes. 32 of them at most, 4 KiB each. A name that is saved already gets the new value.</p>
<textarea id="secrets-text" name="secrets" rows="4" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="HF_TOKEN=…" aria-describedby="secrets-help"></textarea>
<button type="submit">Save secrets</button>
${hasSome ? html`<button type="submit" name="clear" value="yes">Remove all and save what is written here</button>` : ''}
</form>`

/** Why nothing was saved. What was typed is not sent back: the browser's own way back still has it. */
export const secretsRefusedPage = (options: { assets: string; token: string; why: string }): Html =>
  page({
    title: 'Secrets not saved',
    assets: options.assets,
    body: html`<h1>Secrets not saved</h1>
<p class="message bad" role="alert">${options.why}</p>
<p>Go back in your browser to correct what you wrote, or <a href="/pay/${options.token}#secrets">open the payment page</a> anew.</p>`,
  })
