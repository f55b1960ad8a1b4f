import { useId, type ReactNode } from "react";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  children: (props: { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean }) => ReactNode;
}

/** A label, its control, and the sentence under it. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  const noteId = `${id}-note`;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({ id, ...(note === undefined ? {} : { "aria-describedby": noteId }), ...(error === undefined ? {} : { "aria-invalid": true }) })}
      {note !== undefined && (
        <p id={noteId} className={error === undefined ? "text-xs text-muted-foreground" : "text-xs text-bad"}>
          {note}
        </p>
      )}
    </div>
  );
}
