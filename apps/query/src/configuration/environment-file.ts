import { escapeKey, escapeValue } from 'properties-file/escape'
import type { Json } from '#libs/contracts'
import { writeYaml } from './yaml-writer.js'

/** Format of an exported environment; `PUT .../configurations` accepts each. */
export type FileForm = 'json' | 'yaml' | 'properties'

type Keys = { key: string; value: Json }[]

const forms: { form: FileForm; types: string[] }[] = [
  { form: 'json', types: ['application/json', 'application/*', '*/*'] },
  { form: 'yaml', types: ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'] },
  { form: 'properties', types: ['text/x-java-properties', 'text/plain'] },
]

/** The preferred format of an `Accept` header, with the media type that the header names. JSON if no format is acceptable. */
export function acceptedForm(accept: string | undefined): { form: FileForm; type: string } {
  const liked = (accept ?? '*/*').split(',').map(range => {
    const [type = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
    const quality = parameters.find(parameter => parameter.startsWith('q='))?.slice('q='.length)
    return { type, quality: quality === undefined ? 1 : Number(quality) }
  })
  for (const { type } of liked.filter(({ quality }) => quality > 0).toSorted((a, b) => b.quality - a.quality)) {
    const found = forms.find(({ types }) => types.includes(type))
    if (found) return { form: found.form, type: found.form === 'json' ? 'application/json' : type }
  }
  return { form: 'json', type: 'application/json' }
}

/**
 * Writes keys as a file that `PUT .../configurations` accepts unchanged. `.properties` files are ASCII with string values: other
 * values are written as JSON.
 */
export function environmentFile(keys: Keys, form: FileForm): string {
  switch (form) {
    case 'json':
      // Not from an object, which would order keys that look like numbers first.
      return `{${keys.map(({ key, value }) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`
    case 'yaml':
      return writeYaml(keys.map(({ key, value }) => [key, value]))
    case 'properties':
      return keys
        .map(({ key, value }) => {
          const text = typeof value === 'string' ? value : JSON.stringify(value)
          return `${escapeKey(key, true)} = ${escapeValue(text, true)}\n`
        })
        .join('')
    default:
      return form satisfies never
  }
}
