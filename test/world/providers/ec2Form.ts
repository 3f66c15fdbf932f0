// Lists and filters as EC2's query protocol writes them into a form.

export function listOf(form: URLSearchParams, name: string): string[] {
  return [...form].filter(([key]) => new RegExp(`^${name}\\.\\d+$`).test(key)).map(([, value]) => value)
}

export function filtersOf(form: URLSearchParams) {
  return [...form]
    .filter(([key]) => /^Filter\.\d+\.Name$/.test(key))
    .map(([key, name]) => ({ name, values: listOf(form, key.replace('Name', 'Value').replaceAll('.', '\\.')) }))
}
