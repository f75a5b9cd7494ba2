import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

interface Media {
  schema?: object
  example?: unknown
  examples?: Record<string, { value?: unknown }>
}
interface Parameter extends Media {
  name?: string
  in?: string
  required?: boolean
  content?: Record<string, Media>
}
interface Response {
  description?: string
  content?: Record<string, Media>
  headers?: Record<string, Parameter>
}
interface Operation {
  operationId?: string
  parameters?: Parameter[]
  requestBody?: { content?: Record<string, Media> }
  responses?: Record<string, Response>
}
export interface OpenApi {
  openapi?: string
  info?: { title?: string; version?: string }
  paths?: Record<string, Record<string, Operation>>
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

/** What is wrong with an OpenAPI 3.1 document by the specification, its schemas and examples included; empty: nothing. */
export function openApiFindings(document: OpenApi): string[] {
  const findings: string[] = []
  const blame = (where: string, what: string) => findings.push(`${where}: ${what}`)
  if (!/^3\.1\.\d+$/.test(document.openapi ?? '')) blame('openapi', `is ${document.openapi}`)
  if (!document.info?.title || !document.info.version) blame('info', 'needs title and version')
  const checkMedia = mediaChecker(document, blame)
  const ids = new Set<string>()
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    if (!path.startsWith('/')) blame(path, 'does not begin with /')
    for (const [method, operation] of Object.entries(item)) {
      const where = `${method} ${path}`
      if (!methods.includes(method)) blame(where, 'is no method')
      const { operationId, parameters = [], requestBody, responses = {} } = operation
      if (operationId === undefined || ids.has(operationId)) blame(where, `operationId ${operationId} is not its own`)
      ids.add(operationId ?? '')
      checkParameters(path, parameters, what => blame(where, what))
      for (const parameter of parameters) checkMedia(`${where} parameter ${parameter.name}`, parameter)
      if (requestBody) checkContents(`${where} body`, requestBody.content)
      if (Object.keys(responses).length === 0) blame(where, 'has no responses')
      for (const [status, response] of Object.entries(responses)) {
        if (!/^([1-5]\d\d|[1-5]XX|default)$/.test(status)) blame(where, `response ${status} is no status`)
        if (!response.description) blame(where, `response ${status} has no description`)
        if (response.content) checkContents(`${where} ${status}`, response.content)
        for (const [name, header] of Object.entries(response.headers ?? {}))
          checkMedia(`${where} ${status} ${name}`, header)
      }
    }
  }
  return findings

  function checkContents(where: string, contents: Record<string, Media> | undefined): void {
    if (!contents || Object.keys(contents).length === 0) blame(where, 'has no content')
    for (const [type, media] of Object.entries(contents ?? {})) checkMedia(`${where} ${type}`, media)
  }
}

function checkParameters(path: string, parameters: Parameter[], blame: (what: string) => void): void {
  const seen = new Set<string>()
  for (const parameter of parameters) {
    const { name, in: place, required, schema, content } = parameter
    if (!name || !['path', 'query', 'header', 'cookie'].includes(place ?? '')) blame(`parameter ${name} is in ${place}`)
    if (seen.has(`${place} ${name}`)) blame(`parameter ${name} is there twice`)
    seen.add(`${place} ${name}`)
    if ((schema === undefined) === (content === undefined)) blame(`parameter ${name} needs a schema or a content`)
    if (place === 'path' && required !== true) blame(`parameter ${name} of the path is not required`)
  }
  const inTemplate = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
  const inPath = parameters.filter(parameter => parameter.in === 'path').map(({ name }) => name)
  if (inTemplate.toSorted().join() !== inPath.toSorted().join())
    blame(`the path has ${inTemplate}, declared are ${inPath}`)
}

/** Checks that a schema is one (JSON Schema 2020-12, its references there), and that the examples are what it says. */
function mediaChecker(document: object, blame: (where: string, what: string) => void) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, logger: false })
  formats.default(ajv)
  // An instant of ours; the library knows the names of the standard.
  ajv.addFormat('instant', true)
  ajv.addSchema({ $id: 'https://document.example/', ...document })
  return (where: string, { schema, example, examples = {} }: Media) => {
    if (example !== undefined && Object.keys(examples).length > 0) blame(where, 'has example and examples')
    if (!schema) return
    const inlined = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"https://document.example/#/')) as object
    try {
      const validate = ajv.compile(inlined)
      const all = [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)]
      for (const one of all)
        if (!validate(one)) blame(where, `its example is not what its schema says: ${ajv.errorsText(validate.errors)}`)
    } catch (error) {
      blame(where, `its schema is none: ${(error as Error).message}`)
    }
  }
}
