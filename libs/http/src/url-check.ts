import type { FastifyRequest } from 'fastify'
import { type HttpProblem, parameterProblem } from './problem.js'

/** 400 where the URL carries what no text may have: percent-encodings that are not UTF-8, control characters. */
export function urlProblem(request: FastifyRequest): HttpProblem | undefined {
  if (!request.is404) {
    for (const [parameter, value] of Object.entries((request.params ?? {}) as Record<string, string>)) {
      if (hasControl(value)) return parameterProblem([{ parameter, detail: 'contains a control character' }])
    }
  }
  const start = request.url.indexOf('?')
  if (start < 0) return undefined
  for (const pair of request.url.slice(start + 1).split('&')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    const parameter = decode(name)
    const text = decode(value)
    if (parameter === undefined || text === undefined) {
      return parameterProblem([{ parameter: parameter ?? name, detail: 'has a percent-encoding that is not UTF-8' }])
    }
    if (hasControl(parameter) || hasControl(text)) {
      return parameterProblem([{ parameter, detail: 'contains a control character' }])
    }
  }
  return undefined
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function hasControl(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return /[\u0000-\u001f\u007f]/.test(text)
}
