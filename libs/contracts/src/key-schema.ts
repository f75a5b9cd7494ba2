import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { createContext, Script } from 'node:vm'
import type { Json } from './json.js'
import type { Finding } from './validation.js'

/** Largest schema of keys, in bytes of JSON. */
const MAX_KEY_SCHEMA_BYTES = 64 * 1024

/** Milliseconds that compiling a tenant's schema may take, or holding it against all values of a promotion. */
const MOST_MILLISECONDS = 1000

/** What is wrong with each of some values, in their order: by a schema that was compiled. */
export type KeySchemaCheck = (values: readonly Json[]) => Finding[][]

/** Where a schema takes too long, for a value or at all. */
export class EndlessSchema extends Error {
  override name = 'EndlessSchema'
}

/**
 * Compiles a tenant's JSON Schema (2020-12). It is nobody's we trust: each is compiled apart from all others and kept nowhere,
 * refers to nothing outside of itself, and is stopped where it runs for ever, as patterns and references can make it.
 * Unknown keywords and formats are notes, as the standard has it.
 *
 * Throws an Error that says why it cannot be compiled; the check throws EndlessSchema where it takes more than a second.
 */
export function compileKeySchema(schema: Json): KeySchemaCheck {
  const bytes = Buffer.byteLength(JSON.stringify(schema))
  if (bytes > MAX_KEY_SCHEMA_BYTES) throw new Error(`has ${bytes} bytes, more than ${MAX_KEY_SCHEMA_BYTES}`)
  if (schema === null || (typeof schema !== 'object' && typeof schema !== 'boolean') || Array.isArray(schema)) {
    throw new Error('must be an object, true or false')
  }
  const validate = within(() => {
    const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: false, logger: false })
    return ajv.compile(schema)
  })
  return values => within(() => values.map(value => findings(validate, value)))
}

/** What is wrong with a schema, in a few words; `undefined`: nothing. */
export function keySchemaFinding(schema: Json): string | undefined {
  try {
    compileKeySchema(schema)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function findings(validate: ValidateFunction, value: Json): Finding[] {
  return validate(value) ? [] : (validate.errors ?? []).map(describe)
}

function describe({ instancePath, keyword, params, message = `fails ${keyword}` }: ErrorObject): Finding {
  const allowed = keyword === 'enum' ? `: ${JSON.stringify(params['allowedValues'])}` : ''
  return { pointer: instancePath, detail: message + allowed }
}

const room = createContext({})
const call = new Script('work()')

/** Runs what may never end. Only a script of its own can be stopped while it runs. */
function within<T>(work: () => T): T {
  Object.assign(room, { work })
  try {
    return call.runInContext(room, { timeout: MOST_MILLISECONDS }) as T
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new EndlessSchema('takes more than a second')
    // References that lead back to themselves.
    if (message === 'Maximum call stack size exceeded') throw new EndlessSchema('refers to itself without end')
    throw error
  } finally {
    Object.assign(room, { work: undefined })
  }
}
