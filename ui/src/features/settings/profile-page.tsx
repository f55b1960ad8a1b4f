import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { setMe, signIn, useMe } from "@/api/session";
import { Field } from "@/components/field";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { setPrefs, usePrefs, type Locale, type Theme } from "@/lib/prefs";
import { showToast } from "@/lib/toasts";
import { SettingsFrame } from "./settings-frame";

export function ProfilePage() {
  const t = useT();
  return (
    <SettingsFrame title="settings.profile">
      <div className="flex max-w-md flex-col gap-9">
        <Section title={t("settings.profile")}>
          <NameForm />
        </Section>
        <Section title={t("settings.screen")}>
          <ScreenForm />
        </Section>
        <Section title={t("settings.password")}>
          <PasswordForm />
        </Section>
      </div>
    </SettingsFrame>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-sm font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function NameForm() {
  const t = useT();
  const me = useMe();
  const [name, setName] = useState(me.name);
  const save = useMutation({
    mutationFn: () => unwrap(client.PATCH("/api/auth/me", { body: { name: name.trim() } })),
    onSuccess: (next) => {
      setMe(next);
      showToast("done", t("common.saved"));
    },
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Field label={t("common.name")} hint={me.email} error={save.error === null ? undefined : errorSentence(save.error, t)}>
        {(props) => <Input {...props} required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Button type="submit" className="self-start" disabled={save.isPending || name.trim() === me.name}>
        {t("common.save")}
      </Button>
    </form>
  );
}

function ScreenForm() {
  const t = useT();
  const prefs = usePrefs();
  return (
    <div className="flex flex-col gap-4">
      <Field label={t("settings.language")}>
        {(props) => (
          <NativeSelect {...props} value={prefs.locale} onChange={(event) => setPrefs({ locale: event.target.value as Locale })}>
            <option value="en">English</option>
            <option value="ko">한국어</option>
          </NativeSelect>
        )}
      </Field>
      <Field label={t("settings.theme")}>
        {(props) => (
          <NativeSelect {...props} value={prefs.theme} onChange={(event) => setPrefs({ theme: event.target.value as Theme })}>
            <option value="system">{t("settings.themeSystem")}</option>
            <option value="light">{t("settings.themeLight")}</option>
            <option value="dark">{t("settings.themeDark")}</option>
          </NativeSelect>
        )}
      </Field>
      <label className="flex h-7 items-center gap-2 text-sm">
        <input type="checkbox" className="size-4 accent-(--ring)" checked={prefs.dense} onChange={(event) => setPrefs({ dense: event.target.checked })} />
        {t("settings.dense")}
      </label>
      <label className="flex h-7 items-center gap-2 text-sm">
        <input type="checkbox" className="size-4 accent-(--ring)" checked={!prefs.onboardingDismissed} onChange={(event) => setPrefs({ onboardingDismissed: !event.target.checked })} />
        {t("settings.showStart")}
      </label>
    </div>
  );
}

function PasswordForm() {
  const t = useT();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const save = useMutation({
    mutationFn: () => unwrap(client.POST("/api/auth/password", { body: { current_password: current, new_password: next } })),
    onSuccess: (answer) => {
      signIn(answer);
      setCurrent("");
      setNext("");
      showToast("done", t("settings.passwordChanged"));
    },
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Field label={t("settings.currentPassword")} error={save.error === null ? undefined : errorSentence(save.error, t)}>
        {(props) => <Input {...props} type="password" required autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} />}
      </Field>
      <Field label={t("settings.newPassword")} hint={t("setup.passwordHint")}>
        {(props) => <Input {...props} type="password" required minLength={10} maxLength={256} autoComplete="new-password" value={next} onChange={(event) => setNext(event.target.value)} />}
      </Field>
      <Button type="submit" variant="outline" className="self-start" disabled={save.isPending}>
        {t("settings.changePassword")}
      </Button>
    </form>
  );
}
