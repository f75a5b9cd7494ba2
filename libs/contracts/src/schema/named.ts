const component = Symbol('component of the OpenAPI document')

/**
 * Names a schema: it becomes a component of the OpenAPI document, and every use of it a reference. A name has one schema: the document is
 * not made, and the app does not start, if two differ.
 */
export function named<const Schema extends object>(name: string, schema: Schema): Schema {
  return { ...schema, [component]: name }
}

/** The name of a schema that `named` or a copy of its result has; `undefined` for any other value. */
export function schemaName(schema: object): string | undefined {
  return (schema as { [component]?: string })[component]
}
