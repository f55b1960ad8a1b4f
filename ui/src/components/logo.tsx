/** Three lanes of a trace: the mark of the product. Takes the accent of the mode. */
export function Logo() {
  return (
    <svg aria-hidden viewBox="0 0 20 20" className="size-5 shrink-0" fill="none" strokeWidth="2.4" strokeLinecap="round">
      <path d="M2 4.5h7M2 10h16M6 15.500h6" stroke="var(--ring)" />
      <path d="M13 4.500h5" stroke="var(--agent-1)" />
      <path d="M16 15.500h2" stroke="var(--agent-2)" />
    </svg>
  );
}
