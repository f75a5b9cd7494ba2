const DURATION = /^P(?:(\d{1,4})W|(?=.)(?:(\d{1,5})D)?(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?)$/
const SECONDS = [7 * 86_400, 86_400, 3600, 60, 1]

/** Milliseconds of an ISO 8601 duration of weeks, or of days, hours, minutes and seconds; `undefined` for anything else. */
export function parseDuration(text: string): number | undefined {
  const parts = DURATION.exec(text)?.slice(1)
  return parts?.reduce((sum, part, index) => sum + Number(part ?? 0) * SECONDS[index]! * 1000, 0)
}
