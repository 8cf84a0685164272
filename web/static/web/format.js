// Numbers, areas, days and places as they are written in the visitor's language.

import { config, say } from "./config.js";

const locale = config.language === "en" ? "en-GB" : "vi-VN";
const HECTARE_M2 = 10_000;

/** 1.234,5 or 1,234.5; at most `digits` decimals. */
export const number = (value, digits = 2) =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);

/** The same with just so many decimals, for a column of a table. */
export const fixed = (value, digits) =>
  new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

/** Square metres below one hectare, hectares from there. */
export const area = (m2) => (m2 < HECTARE_M2 ? `${number(m2, 1)} m²` : `${number(m2 / HECTARE_M2, 2)} ha`);

/** Metres to the centimetre below one kilometre, kilometres from there. */
export const length = (m) => (m < 1000 ? `${metres(m)} m` : `${number(m / 1000, 3)} km`);

/** A length that is only estimated: to the decimetre, so that it does not contradict the measured one. */
export const roughLength = (m) => (m < 1000 ? `${fixed(m, 1)} m` : `${number(m / 1000, 2)} km`);

export const percent = (value) => `${number(value, 1)} %`;

/** A day, "2026-11-22" → 22/11/2026. */
export const day = (iso) => iso.split("-").reverse().join("/");

/** 16,061234; 108,220123: with the decimal sign of the language, so it can be read aloud and typed into the search. */
export function place([lon, lat]) {
  const fixed = (value) => new Intl.NumberFormat(locale, { minimumFractionDigits: 6, maximumFractionDigits: 6 }).format(value);
  return say("place", { lat: fixed(lat), lon: fixed(lon) });
}

/** Metres of a survey grid, to the centimetre. */
export const metres = (value) =>
  new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(value);

/** What a tile says of one attribute, in words; null when it says nothing. */
export function told(attribute, value) {
  if (value === null || value === undefined || value === "") return null;
  if (attribute.values && attribute.values[value] !== undefined) return attribute.values[value];
  if (attribute.type === "bool") return say(value ? "yes" : "no");
  if (attribute.unit === "m²") return area(value);
  const words = typeof value === "number" ? number(value) : String(value);
  return attribute.unit ? `${words} ${attribute.unit}` : words;
}
