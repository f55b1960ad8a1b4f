import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { signIn } from "@/api/session";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { useT } from "@/i18n/i18n";
import { NewPasswordField } from "./new-password-field";

interface RegisterFormProps {
  setupToken: string | null;
  button: string;
  onDone: () => void;
}

export function RegisterForm({ setupToken, button, onDone }: RegisterFormProps) {
  const t = useT();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const register = useMutation({
    mutationFn: () => unwrap(client.POST("/api/auth/register", { body: { name: name.trim(), email: email.trim(), password, ...(setupToken === null ? {} : { setup_token: setupToken }) } })),
    onSuccess: (answer) => {
      signIn(answer);
      onDone();
    },
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        register.mutate();
      }}
    >
      <Field label={t("common.name")} hint={t("setup.nameHint")}>{(props) => <Input {...props} required autoFocus maxLength={100} autoComplete="name" className="h-10" value={name} onChange={(event) => setName(event.target.value)} />}</Field>
      <Field label={t("auth.email")}>{(props) => <Input {...props} type="email" required autoComplete="username" className="h-10" value={email} onChange={(event) => setEmail(event.target.value)} />}</Field>
      <NewPasswordField label={t("auth.password")} value={password} onChange={setPassword} />
      {register.error !== null && (
        <p role="alert" className="text-sm text-bad">
          {errorSentence(register.error, t)}
        </p>
      )}
      <Button type="submit" size="lg" disabled={register.isPending}>
        {button}
      </Button>
    </form>
  );
}
