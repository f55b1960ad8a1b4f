//! Corrections of agents: what people of the team know better than the traffic shows. They change how calls are shown,
//! past ones and those to come, and nothing else.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use aop_clickhouse::agents as recorded;
use aop_domain::correction::{Caller, Condition, CorrectionKind, Corrections, Rule};
use aop_domain::error_kind::ErrorKind;
use aop_domain::id::CorrectionId;
use aop_identity::named_fingerprint;
use aop_service::problem::Problem;
use aop_store::agent_corrections::{self as stored, Kept, MOST_CORRECTIONS};

use crate::audit::{self, Change};
use crate::auth::access::{Reads, TeamAccess, TeamParam, Writes};
use crate::auth::source::Source;
use crate::checks;
use crate::error::ApiResult;
use crate::extract::{Body, Path, Query};
use crate::openapi::ProblemResponses;
use crate::range;
use crate::state::AppState;
use crate::wire::agent_corrections::{
    AgentCorrection, AgentFacts, AgentPrompt, AgentRange, CorrectionRequest, SplitCondition,
};
use crate::wire::page::{Page, PageParams};
use crate::wire::time::from_us;
use crate::wire::tree::hex;

/// As long as an agent's name may be in a call.
const LONGEST_NAME_CHARS: usize = 128;

pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_agent_corrections, create_agent_correction))
        .routes(routes!(delete_agent_correction))
        .routes(routes!(get_agent))
}

/// The team's corrections, newest first.
#[utoipa::path(
    get, path = "/api/agent-corrections", tag = "agents",
    params(PageParams, TeamParam),
    responses((status = 200, body = Page<AgentCorrection>), ProblemResponses),
)]
pub async fn list_agent_corrections(
    State(state): State<AppState>,
    Reads(access): Reads,
    Query(params): Query<PageParams>,
) -> ApiResult<Json<Page<AgentCorrection>>> {
    let before = params.before()?.map(CorrectionId);
    let rows = stored::list(&state.store, access.team_id, before, params.rows()).await?;
    let page = Page::cut(rows, params.limit(), |correction| correction.rule.id.0);
    Ok(Json(page.map(AgentCorrection::from)))
}

/// Corrects an agent: for past calls at once, for calls to come within a moment. One of the same kind about the same calls
/// is replaced.
#[utoipa::path(
    post, path = "/api/agent-corrections", tag = "agents",
    params(TeamParam),
    request_body = CorrectionRequest,
    responses((status = 201, body = AgentCorrection), ProblemResponses),
)]
pub async fn create_agent_correction(
    State(state): State<AppState>,
    Writes(access): Writes,
    source: Source,
    Body(body): Body<CorrectionRequest>,
) -> ApiResult<(StatusCode, Json<AgentCorrection>)> {
    let from_name = body.from_name.as_deref().unwrap_or_default().trim().to_owned();
    if from_name.chars().count() > LONGEST_NAME_CHARS || from_name.chars().any(char::is_control) {
        let detail = format!("Use at most {LONGEST_NAME_CHARS} characters and no control characters.");
        return Err(Problem::invalid("invalid_name", detail).field("from_name").into());
    }
    let rule = rule(&body)?;
    let id = rule.id;
    let kept = stored::create(&state.store, access.team_id, access.caller.user_id, &rule, &from_name).await?;
    let replaced = match kept {
        Kept::Stands(replaced) => replaced,
        Kept::Circle => {
            let detail = "This would make the agent itself again, over other corrections. Take one of them back first.";
            return Err(Problem::invalid("correction_circle", detail).into());
        }
        Kept::TooMany => {
            let detail = format!("A team has at most {MOST_CORRECTIONS} corrections. Take some back first.");
            return Err(Problem::new(ErrorKind::Conflict, "too_many_corrections", detail).into());
        }
    };
    let made = stored::find(&state.store, access.team_id, id).await?;
    let made = AgentCorrection::from(made.ok_or_else(|| Problem::not_found("correction"))?);
    let replaced = replaced.map(|id| id.0);
    note(&state, &access, source, "agent_correction.create", &made, replaced).await;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Takes a correction back, for past calls and for those to come.
#[utoipa::path(
    delete, path = "/api/agent-corrections/{id}", tag = "agents",
    params(("id" = Uuid, Path), TeamParam),
    responses((status = 204), ProblemResponses),
)]
pub async fn delete_agent_correction(
    State(state): State<AppState>,
    Writes(access): Writes,
    source: Source,
    Path(id): Path<Uuid>,
) -> ApiResult<StatusCode> {
    let gone = stored::delete(&state.store, access.team_id, CorrectionId(id)).await?;
    let gone = AgentCorrection::from(gone.ok_or_else(|| Problem::not_found("correction"))?);
    note(&state, &access, source, "agent_correction.delete", &gone, None).await;
    Ok(StatusCode::NO_CONTENT)
}

/// An agent over time, by its fingerprint as found: what a correction of it would touch.
#[utoipa::path(
    get, path = "/api/agents/{fingerprint}", tag = "agents",
    params(("fingerprint" = String, Path), AgentRange, TeamParam),
    responses((status = 200, body = AgentFacts), ProblemResponses),
)]
pub async fn get_agent(
    State(state): State<AppState>,
    Reads(access): Reads,
    Path(fingerprint): Path<String>,
    Query(params): Query<AgentRange>,
) -> ApiResult<Json<AgentFacts>> {
    let agent = number(&fingerprint).ok_or_else(|| Problem::not_found("agent"))?;
    let end = params.to.unwrap_or_else(|| from_us(state.clock.now_us().saturating_add(1)));
    let range = range::of(&state, Some(params.from.unwrap_or(end - time::Duration::days(30))), Some(end))?;
    let found = recorded::facts(&state.clickhouse, access.team_id, agent, range).await?;
    let (facts, prompts) = found.ok_or_else(|| Problem::not_found("agent"))?;
    let all = stored::list(&state.store, access.team_id, None, MOST_CORRECTIONS as i64).await?;
    let corrections = Corrections::new(all.iter().map(|correction| correction.rule.clone()));
    let corrected = corrections.apply(Caller { agent, ..Caller::default() });
    let name = corrected.as_ref().map(|known| known.name.to_owned());
    Ok(Json(AgentFacts {
        fingerprint: hex(agent),
        agent: hex(corrected.as_ref().map_or(agent, |known| known.agent)),
        name: name.or_else(|| facts.names.first().cloned()),
        found_names: facts.names,
        calls: facts.calls,
        traces: facts.traces,
        first_at: from_us(facts.first_at_us),
        last_at: from_us(facts.last_at_us),
        cost: facts.cost,
        unknown_cost_calls: facts.calls.saturating_sub(facts.cost_known_calls),
        prompts: prompts
            .into_iter()
            .map(|prompt| AgentPrompt {
                prompt: hex(prompt.prompt),
                calls: prompt.calls,
                example_call_id: prompt.example_call_id.parse().ok(),
            })
            .collect(),
        corrections: all
            .into_iter()
            .filter(|correction| correction.rule.agent == agent)
            .map(AgentCorrection::from)
            .collect(),
    }))
}

/// 16 hex digits that are not all 0.
fn number(text: &str) -> Option<u64> {
    let is_hex = text.len() == 16 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    u64::from_str_radix(text, 16).ok().filter(|number| is_hex && *number != 0)
}

fn fingerprint(field: &'static str, text: Option<&str>) -> Result<u64, Problem> {
    let detail = "This must be 16 hex digits, as agents, prompts and conversations are named in a run.";
    text.and_then(number).ok_or_else(|| Problem::invalid("invalid_fingerprint", detail).field(field))
}

fn rule(body: &CorrectionRequest) -> Result<Rule<CorrectionId>, Problem> {
    let name = checks::name("name", &body.name, LONGEST_NAME_CHARS)?;
    let agent = fingerprint("agent", Some(&body.agent))?;
    let kind = CorrectionKind::from(body.kind);
    let misplaced = |field: &'static str, detail: &str| {
        Err(Problem::invalid("invalid_correction", detail.to_owned()).field(field))
    };
    if kind != CorrectionKind::Merge && body.into.is_some() {
        return misplaced("into", "Only a merge has an agent to merge into.");
    }
    if kind != CorrectionKind::Split && body.when.is_some() {
        return misplaced("when", "Only a split has a condition.");
    }
    let (to_agent, condition) = match kind {
        CorrectionKind::Rename => (agent, None),
        CorrectionKind::Merge => (fingerprint("into", body.into.as_deref())?, None),
        CorrectionKind::Split => {
            let to_agent = named_fingerprint(&name);
            if to_agent == agent {
                return misplaced(
                    "name",
                    "The calls that are split off need another name than the agent's own.",
                );
            }
            (to_agent, Some(condition(body.when.as_ref())?))
        }
    };
    Ok(Rule { id: CorrectionId(Uuid::now_v7()), kind, agent, condition, to_agent, name })
}

fn condition(when: Option<&SplitCondition>) -> Result<Condition, Problem> {
    let named = when.map(|when| (when.prompt.as_deref(), when.conversation.as_deref()));
    match named {
        Some((Some(prompt), None)) => Ok(Condition::Prompt(fingerprint("when.prompt", Some(prompt))?)),
        Some((None, Some(conversation))) => {
            Ok(Condition::Conversation(fingerprint("when.conversation", Some(conversation))?))
        }
        _ => {
            let detail =
                "Say which calls are split off: those with one system prompt, or those of one conversation.";
            Err(Problem::invalid("invalid_correction", detail).field("when"))
        }
    }
}

async fn note(
    state: &AppState,
    access: &TeamAccess,
    from: Source,
    action: &'static str,
    correction: &AgentCorrection,
    replaced: Option<Uuid>,
) {
    let detail = json!({
        "kind": correction.kind, "agent": correction.agent, "from_name": correction.from_name, "name": correction.name,
        "into": correction.into, "when": correction.when, "replaced": replaced,
    });
    let target = ("agent_correction", correction.id);
    let change =
        Change { team_id: Some(access.team_id), action, target, detail, by: access.caller.actor(), from };
    audit::note(state, change).await;
}
