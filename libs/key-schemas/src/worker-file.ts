/** Where a thread starts. Beside this file once it is compiled; tests put another one in its place (jest.config.mjs). */
export const workerFile = new URL('./worker.js', import.meta.url)
