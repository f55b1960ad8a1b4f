import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { client, unwrap } from "@/api/client";
import { errorSentence } from "@/api/errors";
import { queries } from "@/api/queries";
import { useMe } from "@/api/session";
import type { Model, ModelRequest } from "@/api/types";
import { ConfirmButton } from "@/components/confirm-button";
import { SidePanel } from "@/components/side-panel";
import { EmptyState, SkeletonRows } from "@/components/states";
import { Button } from "@/components/ui/button";
import { PolicySection } from "@/features/policies/policy-section";
import { useT } from "@/i18n/i18n";
import { canAdminister } from "@/lib/can";
import { usePrefs } from "@/lib/prefs";
import { showToast } from "@/lib/toasts";
import { urls } from "@/lib/urls";
import { ModelCheckResult } from "./model-check";
import { draftOf, emptyDraft } from "./model-draft";
import { ModelFacts } from "./model-facts";
import { ModelForm } from "./model-form";

export function ModelPanel() {
  const t = useT();
  const { modelId = "" } = useParams();
  const navigate = useNavigate();
  const models = useQuery(queries.models());
  const providers = useQuery(queries.providers());
  const making = modelId === "new";
  const model = models.data?.items.find((one) => one.id === modelId);
  const names = (models.data?.items ?? []).flatMap((one) => [one.model, ...one.aliases]).filter((name) => !name.includes("*"));
  const title = making ? t("models.newModel") : (model?.model ?? t("calls.model"));
  const ready = providers.data !== undefined && (making || models.data !== undefined);
  return (
    <SidePanel label={title} title={title} onClose={() => void navigate(urls.models())}>
      {!ready ? (
        <SkeletonRows rows={5} />
      ) : making ? (
        <MakeModel providers={providers.data.items} models={names} />
      ) : model === undefined ? (
        <EmptyState title={t("error.notFound")} />
      ) : (
        <EditModel key={model.id} model={model} providers={providers.data.items} models={names} />
      )}
    </SidePanel>
  );
}

type Providers = React.ComponentProps<typeof ModelForm>["providers"];

function MakeModel({ providers, models }: { providers: Providers; models: readonly string[] }) {
  const t = useT();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const make = useMutation({
    mutationFn: (body: ModelRequest) => unwrap(client.POST("/api/models", { body })),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: ["models"] });
      void navigate(urls.model(made.id));
    },
  });
  return (
    <div className="p-4">
      <ModelForm initial={emptyDraft(providers[0]?.id ?? "")} providers={providers} models={models} editable onSubmit={(body) => make.mutate(body)} error={make.error === null ? undefined : errorSentence(make.error, t)}>
        <Button type="submit" disabled={make.isPending}>
          {t("models.addModel")}
        </Button>
      </ModelForm>
    </div>
  );
}

function EditModel({ model, providers, models }: { model: Model; providers: Providers; models: readonly string[] }) {
  const t = useT();
  const me = useMe();
  const { teamId } = usePrefs();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const editable = canAdminister(me, teamId);
  const path = { params: { path: { id: model.id } } };
  const reload = () => queryClient.invalidateQueries({ queryKey: ["models"] });
  const fail = (error: Error) => showToast("failed", errorSentence(error, t));
  const save = useMutation({
    mutationFn: (body: ModelRequest) => unwrap(client.PUT("/api/models/{id}", { ...path, body })),
    onSuccess: () => {
      showToast("done", t("common.saved"));
      return reload();
    },
  });
  const remove = useMutation({
    mutationFn: () => unwrap(client.DELETE("/api/models/{id}", path)),
    onSuccess: async () => {
      await reload();
      void navigate(urls.models());
    },
    onError: fail,
  });
  const check = useMutation({ mutationFn: () => unwrap(client.POST("/api/models/{id}/check", path)), onError: fail });
  return (
    <div className="flex flex-col gap-6 p-4">
      <ModelForm initial={draftOf(model)} providers={providers} models={models} editable={editable} onSubmit={(body) => save.mutate(body)} error={save.error === null ? undefined : errorSentence(save.error, t)}>
        {editable && (
          <Button type="submit" disabled={save.isPending}>
            {t("common.save")}
          </Button>
        )}
      </ModelForm>
      <div className="border-t pt-4">
        <PolicySection speaker="models" id={model.id} editable={me.role === "admin"} />
      </div>
      <ModelFacts facts={model.facts} />
      {editable && (
        <div className="flex flex-col gap-3 border-t pt-4">
          <div className="flex flex-wrap gap-2">
            <Button variant="outline" disabled={check.isPending} onClick={() => check.mutate()}>
              {t(check.isPending ? "models.checking" : "models.check")}
            </Button>
            <ConfirmButton label={t("common.delete")} question={t("models.deleteSure", { name: model.model })} onConfirm={() => remove.mutate()} />
          </div>
          {check.data !== undefined && <ModelCheckResult check={check.data} model={model} />}
        </div>
      )}
    </div>
  );
}
