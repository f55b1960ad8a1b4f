import type { ReactNode } from "react";
import { Logo } from "@/components/logo";
import { Button } from "@/components/ui/button";
import { useDocumentTitle } from "@/hooks/use-document-title";
import { setPrefs, usePrefs } from "@/lib/prefs";

/** What stands before sign-in: a form at the left, the product's own picture at the right. */
export function AuthFrame({ title, children }: { title: string; children: ReactNode }) {
  const { locale } = usePrefs();
  useDocumentTitle(title);
  const other = locale === "en" ? "ko" : "en";
  return (
    <div className="flex h-full overflow-y-auto">
      <main className="flex w-full max-w-xl flex-col px-8 py-8 sm:px-14">
        <div className="flex items-center gap-2 font-semibold">
          <Logo /> AOP
          <Button variant="ghost" size="sm" className="ml-auto" lang={other} onClick={() => setPrefs({ locale: other })}>
            {other === "ko" ? "한국어" : "English"}
          </Button>
        </div>
        <div className="my-auto w-full max-w-sm py-10">
          <h1 className="mb-5 text-xl font-semibold">{title}</h1>
          {children}
        </div>
      </main>
      <Lanes />
    </div>
  );
}

/** Agents at work, as every trace shows them. Drawn, not measured: it carries no data. */
const bars: readonly (readonly [row: number, left: number, width: number, color: number])[] = [
  [0, 4, 88, 0],
  [1, 6, 22, 0], [2, 9, 14, 2], [3, 30, 8, 2],
  [4, 38, 30, 1], [5, 41, 9, 1], [6, 52, 14, 8], [7, 67, 4, 8],
  [8, 70, 20, 3], [9, 72, 7, 3], [10, 80, 9, 9],
];

function Lanes() {
  return (
    <div aria-hidden className="relative hidden min-w-0 flex-1 border-l bg-sunken lg:block">
      <div className="absolute inset-x-10 top-1/2 h-88 -translate-y-1/2">
        {bars.map(([row, left, width, color]) => (
          <span
            key={`${String(row)}-${String(left)}`}
            className="absolute h-3.5 rounded-[3px]"
            style={{ top: row * 32, left: `${String(left)}%`, width: `${String(width)}%`, backgroundColor: `var(--agent-${String(color)})`, opacity: row === 0 ? 0.3 : 0.9 }}
          />
        ))}
      </div>
    </div>
  );
}
