import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { projectFolder } from '#dev'

interface Media {
  schema?: object & { contentSchema?: object }
}
interface Operation {
  responses: Record<string, { content?: Record<string, Media> }>
}
export interface ApiDocument {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

/** What an answer is checked by. */
export interface CheckedAnswer {
  method: string
  /** With or without a query string. */
  path: string
  status: number
  contentType: string | undefined
  text: string
}

/** The committed document; `npm run openapi` writes it, and a test compares it with what the service serves. */
export function committedDocument(): ApiDocument {
  return JSON.parse(readFileSync(join(projectFolder, 'openapi.json'), 'utf8')) as ApiDocument
}

/** Checks answers of the service by its API document. A member that their schemas do not declare is a finding. */
export class ResponseCheck {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true, logger: false })
  private readonly routes: { pattern: RegExp; path: string; item: Record<string, Operation> }[]
  private readonly validators = new Map<string, ValidateFunction>()

  constructor(document: ApiDocument) {
    formats.default(this.ajv)
    this.ajv.addSchema({ $id: 'api', components: closed(document.components) })
    this.routes = Object.entries(document.paths)
      // A literal segment comes before a parameter.
      .toSorted(([a], [b]) => a.split('{').length - b.split('{').length)
      .map(([path, item]) => ({ pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`), path, item }))
  }

  /** What is wrong with an answer; empty: nothing. */
  findings({ method, path, status, contentType = '', text }: CheckedAnswer): string[] {
    if (method === 'HEAD') return []
    const [type = ''] = contentType.split(';')
    if (type === 'application/problem+json') return this.errorsOf('problem', problem, text)
    const wanted = path.split('?', 1)[0]!
    const route = this.routes.find(({ pattern }) => pattern.test(wanted))
    if (!route || status < 200 || status > 299) return []
    const response = route.item[method.toLowerCase()]?.responses[status]
    if (!response) return [`${status} is not documented for ${method} ${route.path}`]
    if (text === '') return []
    const media = response.content?.[type]
    if (!media?.schema) return [`${type} is not documented for ${status} of ${method} ${route.path}`]
    const { contentSchema } = media.schema
    const name = `${method} ${route.path} ${status} ${type}`
    if (contentSchema) return text.split('\n').flatMap(line => (line ? this.errorsOf(name, contentSchema, line) : []))
    return /\bjson$/.test(type) ? this.errorsOf(name, media.schema, text) : []
  }

  private errorsOf(name: string, schema: object, text: string): string[] {
    let validate = this.validators.get(name)
    if (!validate) this.validators.set(name, (validate = this.ajv.compile(closed(schema) as object)))
    if (validate(JSON.parse(text))) return []
    return validate.errors!.map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    )
  }
}

const problem = { $ref: '#/components/schemas/Problem' }

/** The same schemas, in which objects allow declared members only, and references lead into the document. */
function closed(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(closed)
  if (node === null || typeof node !== 'object') return node
  const copy = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? value.replace(/^#/, 'api#') : closed(value),
    ]),
  )
  const isOpen = copy['type'] === 'object' && copy['properties'] && copy['additionalProperties'] === undefined
  return isOpen ? { ...copy, additionalProperties: false } : copy
}

let check: ResponseCheck | undefined

/** Throws an Error unless an answer is what the API document says. */
export function expectDocumented(answer: CheckedAnswer): void {
  check ??= new ResponseCheck(committedDocument())
  const findings = check.findings(answer)
  if (findings.length === 0) return
  const { method, path, status, text } = answer
  throw new Error(
    `${method} ${path}: the ${status} is not what the API document says: ${findings.slice(0, 5).join('; ')}\n${text.slice(0, 2000)}`,
  )
}
