import type { FastifyRequest } from 'fastify'
import { HttpProblem, parameterProblem } from '../problem/problem.js'

/** The path of a request as sent, without its query. */
export function pathOf({ url }: { url: string }): string {
  return url.split('?', 1)[0] ?? url
}

/**
 * A 400 if the URL has percent-encodings that are not UTF-8, control characters, or characters that must be percent-encoded (Node
 * decodes their bytes as Latin-1).
 */
export function urlProblem(request: FastifyRequest): HttpProblem | undefined {
  if (!ASCII.test(pathOf(request)))
    return new HttpProblem(400, 'The path has characters that must be percent-encoded as UTF-8.')
  if (!request.is404) {
    for (const [parameter, value] of Object.entries((request.params ?? {}) as Record<string, string>)) {
      if (hasControl(value)) return parameterProblem([{ parameter, detail: 'contains a control character' }])
    }
  }
  const start = request.url.indexOf('?')
  if (start < 0) return undefined
  for (const pair of request.url.slice(start + 1).split('&')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    if (!ASCII.test(pair)) {
      return parameterProblem([{ parameter: name, detail: 'has characters that must be percent-encoded as UTF-8' }])
    }
    const parameter = decode(name)
    const text = decode(value)
    if (parameter === undefined || text === undefined) {
      return parameterProblem([
        { parameter: parameter ?? name, detail: 'has a percent-encoding that is not valid UTF-8' },
      ])
    }
    if (hasControl(parameter) || hasControl(text)) {
      return parameterProblem([{ parameter, detail: 'contains a control character' }])
    }
  }
  return undefined
}

/** JSON Schema pattern of texts without control characters, which no parameter may contain. */
export const NO_CONTROL = '^[^\\u0000-\\u001f\\u007f]*$'

const ASCII = /^[\x21-\x7e]*$/

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function hasControl(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- looks for control characters
  return /[\u0000-\u001f\u007f]/.test(text)
}
