/** Exact sums of decimal text. Money never becomes a float on its way to a total. */

/** The sum of two decimals written as text, without rounding. */
export function addDecimals(a: string, b: string): string {
  const scale = Math.max(fractionDigits(a), fractionDigits(b));
  const sum = scaled(a, scale) + scaled(b, scale);
  if (scale === 0) return sum.toString();
  const sign = sum < 0n ? "-" : "";
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, "0");
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** `b` less `a`, without rounding. */
export function difference(a: string, b: string): string {
  return addDecimals(b, a.startsWith("-") ? a.slice(1) : `-${a}`);
}

function fractionDigits(text: string): number {
  const dot = text.indexOf(".");
  return dot === -1 ? 0 : text.length - dot - 1;
}

function scaled(text: string, scale: number): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(`${whole}${fraction.padEnd(scale, "0")}`);
}

/** The same number with its point `places` digits further right (left when negative), without rounding or spare zeros. */
export function shiftDecimal(text: string, places: number): string {
  const [whole = "0", fraction = ""] = text.split(".");
  const point = whole.length + places;
  const digits = `${"0".repeat(Math.max(0, 1 - point))}${whole}${fraction}${"0".repeat(Math.max(0, point - whole.length - fraction.length))}`;
  const at = Math.max(1, point);
  const left = digits.slice(0, at).replace(/^0+(?=\d)/, "");
  const right = digits.slice(at).replace(/0+$/, "");
  return right === "" ? left : `${left}.${right}`;
}
