import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Provider } from "@/api/types";
import { ConfirmButton } from "@/components/confirm-button";
import { Field } from "@/components/field";
import { SidePanel } from "@/components/side-panel";
import { EmptyState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { NativeSelect } from "@/components/ui/native-select";
import { useT } from "@/i18n/i18n";
import { canAdminister } from "@/lib/can";
import { usePrefs } from "@/lib/prefs";
import { showToast } from "@/lib/toasts";
import { urls } from "@/lib/urls";
import { Credentials } from "./credentials";

export function ProviderPanel() {
  const t = useT();
  const { providerId = "" } = useParams();
  const navigate = useNavigate();
  const query = useQuery(queries.providers());
  const making = providerId === "new";
  const provider = query.data?.items.find((one) => one.id === providerId);
  const title = making ? t("models.newProvider") : (provider?.name ?? t("calls.provider"));
  return (
    <SidePanel label={title} title={title} onClose={() => void navigate(urls.models())}>
      {making ? <MakeProvider /> : provider !== undefined ? <ShowProvider key={provider.id} provider={provider} /> : query.isPending ? <SkeletonRows rows={4} /> : <EmptyState title={t("error.notFound")} />}
    </SidePanel>
  );
}

const KINDS = [
  "openai",
  "anthropic",
  "gemini",
  "vertex",
  "vertex_anthropic",
  "azure",
  "bedrock",
  "cohere",
  "mistral",
  "groq",
  "deepseek",
  "xai",
  "openrouter",
  "together",
  "fireworks",
  "ollama",
  "vllm",
  "openai_chat",
  "openai_responses",
] as const;
type Kind = (typeof KINDS)[number];
const ADDRESSES: Record<Kind, string> = {
  openai: "https://api.openai.com/v1",
  openai_chat: "http://localhost:8000/v1",
  openai_responses: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com",
  gemini: "https://generativelanguage.googleapis.com/v1beta",
  vertex: "https://us-central1-aiplatform.googleapis.com/v1/projects/PROJECT/locations/us-central1",
  vertex_anthropic: "https://us-east5-aiplatform.googleapis.com/v1/projects/PROJECT/locations/us-east5",
  azure: "https://RESOURCE.openai.azure.com/openai/v1",
  bedrock: "https://bedrock-runtime.us-east-1.amazonaws.com",
  cohere: "https://api.cohere.com/v2",
  mistral: "https://api.mistral.ai/v1",
  groq: "https://api.groq.com/openai/v1",
  deepseek: "https://api.deepseek.com",
  xai: "https://api.x.ai/v1",
  openrouter: "https://openrouter.ai/api/v1",
  together: "https://api.together.xyz/v1",
  fireworks: "https://api.fireworks.ai/inference/v1",
  ollama: "http://127.0.0.1:11434/v1",
  vllm: "http://127.0.0.1:8000/v1",
};

function MakeProvider() {
  const t = useT();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>("openai");
  const [baseUrl, setBaseUrl] = useState(ADDRESSES.openai);
  const [secret, setSecret] = useState("");
  const make = useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/providers", {
          body: { name: name.trim(), kind, base_url: baseUrl.trim(), shared: false, credential: secret === "" ? null : { name: "default", secret } },
        }),
      ),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: ["providers"] });
      void navigate(urls.provider(made.id));
    },
  });
  return (
    <form
      className="flex max-w-md flex-col gap-4 p-4"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <p className="text-sm text-muted-foreground">{t("models.providerBody")}</p>
      <Field label={t("common.name")}>{(props) => <Input {...props} required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} placeholder="OpenAI" />}</Field>
      <Field label={t("models.kind")} hint={t(`models.kindHint.${kind}`)}>
        {(props) => (
          <NativeSelect
            {...props}
            value={kind}
            onChange={(event) => {
              const chosen = KINDS.find((one) => one === event.target.value) ?? "openai";
              // An address that was typed stays; a suggestion gives way to the next.
              if (baseUrl === ADDRESSES[kind]) setBaseUrl(ADDRESSES[chosen]);
              setKind(chosen);
            }}
          >
            {KINDS.map((one) => (
              <option key={one} value={one}>
                {t(`models.kind.${one}`)}
              </option>
            ))}
          </NativeSelect>
        )}
      </Field>
      <Field label={t("models.address")}>
        {(props) => <Input {...props} required type="url" className="font-mono text-xs" value={baseUrl} onChange={(event) => setBaseUrl(event.target.value)} />}
      </Field>
      <Field label={`${t("models.secret")} (${t("common.optional")})`} hint={t("models.secretHint")}>
        {(props) => <Input {...props} type="password" autoComplete="off" value={secret} onChange={(event) => setSecret(event.target.value)} />}
      </Field>
      {make.error !== null && <p role="alert" className="text-sm text-bad">{errorSentence(make.error, t)}</p>}
      <Button type="submit" className="self-start" disabled={make.isPending}>
        {t("models.addProvider")}
      </Button>
    </form>
  );
}

function ShowProvider({ provider }: { provider: Provider }) {
  const t = useT();
  const me = useMe();
  const { teamId } = usePrefs();
  if (provider.kind === "simulator") return <p className="max-w-[60ch] p-4 text-sm text-muted-foreground">{t("models.simulatorBody")}</p>;
  return (
    <div className="flex max-w-md flex-col gap-6 p-4">
      <EditProvider provider={provider} editable={canAdminister(me, teamId)} />
      <Credentials provider={provider} editable={canAdminister(me, teamId)} />
    </div>
  );
}

function EditProvider({ provider, editable }: { provider: Provider; editable: boolean }) {
  const t = useT();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [name, setName] = useState(provider.name);
  const [baseUrl, setBaseUrl] = useState(provider.base_url);
  const [price, setPrice] = useState(provider.price_provider);
  const path = { params: { path: { id: provider.id } } };
  const reload = () => queryClient.invalidateQueries({ queryKey: ["providers"] });
  const save = useMutation({
    mutationFn: () => unwrap(client.PUT("/api/providers/{id}", { ...path, body: { name: name.trim(), base_url: baseUrl.trim(), price_provider: price.trim() } })),
    onSuccess: () => {
      showToast("done", t("common.saved"));
      return reload();
    },
  });
  const remove = useMutation({
    mutationFn: () => unwrap(client.DELETE("/api/providers/{id}", path)),
    onSuccess: async () => {
      await reload();
      void navigate(urls.models());
    },
    onError: (error) => showToast("failed", errorSentence(error, t)),
  });
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <fieldset disabled={!editable} className="flex flex-col gap-4">
        <Field label={t("common.name")}>{(props) => <Input {...props} required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />}</Field>
        <Field label={t("models.address")}>
          {(props) => <Input {...props} required type="url" className="font-mono text-xs" value={baseUrl} onChange={(event) => setBaseUrl(event.target.value)} />}
        </Field>
        <Field label={t("models.priceName")} hint={t("models.priceNameHint")}>
          {(props) => <Input {...props} required className="font-mono text-xs" value={price} onChange={(event) => setPrice(event.target.value)} />}
        </Field>
      </fieldset>
      {save.error !== null && <p role="alert" className="text-sm text-bad">{errorSentence(save.error, t)}</p>}
      {editable && (
        <div className="flex flex-wrap gap-2">
          <Button type="submit" disabled={save.isPending}>{t("common.save")}</Button>
          <ConfirmButton label={t("common.delete")} question={t("models.deleteProviderSure", { name: provider.name })} onConfirm={() => remove.mutate()} />
        </div>
      )}
    </form>
  );
}
