import { shiftDecimal } from "@/lib/decimal";

/** What a price card counts in tokens; everything else is counted by the piece. */
export const tokenMeters = [
  "input",
  "output",
  "cache_read",
  "cache_write_5m",
  "cache_write_1h",
  "reasoning",
  "input_audio",
  "input_image",
  "input_video",
  "cache_read_audio",
  "cache_read_image",
  "cache_write_audio",
  "output_audio",
  "output_image",
  "output_video",
  "citation",
] as const;

/** The meters a plain chat model has, in the order people read them. */
export const commonMeters = ["input", "cache_read", "output"] as const;

export interface PriceRow {
  /** `meter[#variant][>tokens][@tier]`. */
  key: string;
  /** US dollars as people say it: per million tokens, or per piece. */
  price: string;
}

/** Whether the price of this key is per token, and so said per million of them. */
export function isPerToken(key: string): boolean {
  const meter = key.split(/[#>@]/, 1)[0] ?? "";
  return (tokenMeters as readonly string[]).includes(meter);
}

/** The card's price as people say it. */
export function spoken(key: string, price: string): string {
  return isPerToken(key) ? shiftDecimal(price, 6) : price;
}

/** A card as rows, the common meters first. */
export function rowsOf(card: Record<string, string>): PriceRow[] {
  const rank = (key: string) => {
    const at = (commonMeters as readonly string[]).indexOf(key);
    return at === -1 ? commonMeters.length : at;
  };
  const rows = Object.entries(card).map(([key, price]) => ({ key, price: spoken(key, price) }));
  return rows.sort((a, b) => rank(a.key) - rank(b.key) || a.key.localeCompare(b.key));
}

/** Rows as the card the platform keeps; empty rows are left out. Text that is no number is passed on, and refused there. */
export function cardOf(rows: readonly PriceRow[]): Record<string, string> {
  const card: Record<string, string> = {};
  for (const row of rows) {
    const key = row.key.trim();
    const price = row.price.trim();
    if (key === "" || price === "") continue;
    card[key] = isPerToken(key) && /^\d+(\.\d+)?$/.test(price) ? shiftDecimal(price, -6) : price;
  }
  return card;
}
