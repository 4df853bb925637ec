/**
 * Money, tokens and times as people read them. Money arrives as an exact decimal string and stays one: it is rounded by its
 * digits, never turned into a binary fraction.
 */
import { locale } from "./messages";

let canonical = { of: "", is: "" };

/** The system's locale. Without a language set (the "C" locale) WebKitGTK names one that Intl refuses. */
export function systemLocale(): string {
  const { language } = navigator;
  if (canonical.of !== language || canonical.is === "") canonical = { of: language, is: canonicalOf(language) };
  return canonical.is;
}

function canonicalOf(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? locale();
  } catch {
    return locale();
  }
}

/** Figures follow the system; names of months and days follow the language of the sentences around them. */
const figures = systemLocale;
const words = (): string => (systemLocale().startsWith(locale()) ? systemLocale() : locale());

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Rounds an exact decimal half to even, which keeps sums of rounded figures honest. */
export function roundDecimal(amount: string, places: number): string {
  const match = DECIMAL.exec(amount);
  if (!match) throw new RangeError("not a decimal amount");
  const [, sign = "", whole = "0", fraction = ""] = match;
  const kept = BigInt(whole + fraction.slice(0, places).padEnd(places, "0"));
  const rest = fraction.slice(places);
  const half = `5${"0".repeat(Math.max(0, rest.length - 1))}`;
  const up = rest !== "" && (rest > half || (rest === half && kept % 2n === 1n));
  const digits = (up ? kept + 1n : kept).toString().padStart(places + 1, "0");
  const cut = digits.length - places;
  return sign + digits.slice(0, cut) + (places > 0 ? `.${digits.slice(cut)}` : "");
}

const made = new Map<string, Intl.NumberFormat>();

/** A format of figures, made once: the figures of a running answer are written anew with each frame. */
function numbers(name: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const place = `${figures()} ${name}`;
  const format = made.get(place) ?? new Intl.NumberFormat(figures(), options);
  made.set(place, format);
  return format;
}

function dollars(amount: string, places: number): string {
  const rounded = roundDecimal(amount, places);
  const format = numbers(`dollars ${places}`, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  });
  // Intl formats a decimal string digit by digit (NumberFormat v3); the DOM types still ask for its literal form.
  return format.format(rounded as `${number}`);
}

/** The cost of one answer: "$0.0237"; below the last digit "<$0.0001", so that it never reads as nothing. */
export function answerCost(amount: string): string {
  const tiny = Number.parseInt(roundDecimal(amount, 4).replace(".", ""), 10) === 0 && /[1-9]/.test(amount);
  return tiny ? `<${dollars("0.0001", 4)}` : dollars(amount, 4);
}

/** A total or a bill: "$38.20"; below a cent "<$0.01". */
export function total(amount: string): string {
  const tiny = Number.parseInt(roundDecimal(amount, 2).replace(".", ""), 10) === 0 && /[1-9]/.test(amount);
  return tiny ? `<${dollars("0.01", 2)}` : dollars(amount, 2);
}

/** The price of a plan: "$12", or "$12.50" when it is not whole. */
export function planPrice(amount: string): string {
  return /\.\d*[1-9]/.test(amount) ? dollars(amount, 2) : dollars(amount, 0);
}

/** A price per million tokens: at least two decimals and as many more as it has: "$0.075". */
export function pricePerMillion(amount: string): string {
  const fraction = (amount.split(".")[1] ?? "").replace(/0+$/, "");
  return dollars(amount, Math.min(6, Math.max(2, fraction.length)));
}

/** An estimate: cents from a cent up, otherwise its first digit. */
export function estimate(amount: string): string {
  if (!/[1-9]/.test(amount)) return dollars("0", 2);
  const places = roundDecimal(amount, 2).replace(/[-.0]/g, "") === "" ? 4 : 2;
  return places === 4 ? answerCost(amount) : dollars(amount, 2);
}

/** A whole number with the locale's grouping: "6,214". */
export function count(value: number): string {
  return numbers("count", {}).format(value);
}

/** A context window: "200K", "1M". */
export function compactCount(value: number): string {
  return numbers("compact", { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** A size in megabytes of a million bytes, without the unit: "18.6". */
export function megabytes(bytes: number): string {
  return new Intl.NumberFormat(figures(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(bytes / 1e6);
}

/** Seconds with one decimal: "1.4 s". */
export function seconds(milliseconds: number): string {
  return numbers("seconds", {
    style: "unit",
    unit: "second",
    unitDisplay: "narrow",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  })
    .format(milliseconds / 1000)
    .replace(/(\d)s$/, "$1 s");
}

/** The time of day: "09:41". */
export function clockTime(at: number): string {
  return new Intl.DateTimeFormat(figures(), { hour: "2-digit", minute: "2-digit", hour12: false }).format(at);
}

/** A day: "19 November 2026". */
export function day(at: number): string {
  return new Intl.DateTimeFormat(words(), { day: "numeric", month: "long", year: "numeric" }).format(at);
}

/** A day, or these words where it is not known. */
export const dayOr = (at: number | null, unknown: string): string => (at === null ? unknown : day(at));

/** A day from "2026-11-20", the same wherever it is read: "20 November 2026". */
export function isoDay(isoDate: string): string {
  const style = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(words(), style).format(new Date(isoDate));
}

/** A day of the last months: "3 Nov". */
export function shortDay(at: number): string {
  return new Intl.DateTimeFormat(words(), { day: "numeric", month: "short" }).format(at);
}

/** A day as a list needs it: "3 Nov"; with its year where that is another one. */
export function recentDay(at: number, now: number): string {
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return isThisYear
    ? shortDay(at)
    : new Intl.DateTimeFormat(words(), { day: "numeric", month: "short", year: "numeric" }).format(at);
}

/** A month from "2026-11": "November". */
export function month(isoMonth: string): string {
  const [year = 1970, index = 1] = isoMonth.split("-").map(Number);
  return new Intl.DateTimeFormat(words(), { month: "long" }).format(new Date(year, index - 1, 1));
}

/** How long ago: "2 min. ago", "yesterday". */
export function ago(at: number, now: number): string {
  const format = new Intl.RelativeTimeFormat(words(), { numeric: "auto", style: "short" });
  const minutes = Math.round((now - at) / 60_000);
  if (minutes < 1) return format.format(0, "second");
  if (minutes < 60) return format.format(-minutes, "minute");
  const hours = Math.round(minutes / 60);
  if (hours < 24) return format.format(-hours, "hour");
  const days = Math.round(hours / 24);
  return days < 30 ? format.format(-days, "day") : day(at);
}

/** A countdown: "1:05". */
export function countdown(milliseconds: number): string {
  const left = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}
