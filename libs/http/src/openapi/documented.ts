/** A parameter decorator that applies decorators to its method, too, such as the parameter's documentation. */
export function documented(parameter: ParameterDecorator, ...ofMethod: MethodDecorator[]): ParameterDecorator {
  return (target, key, index) => {
    parameter(target, key, index)
    if (key === undefined) return
    const descriptor = Object.getOwnPropertyDescriptor(target, key)
    if (!descriptor) return
    for (const decorate of ofMethod) decorate(target, key, descriptor)
  }
}
