//! The contract: the OpenAPI 3.1 document, collected from the endpoints themselves.

use std::collections::BTreeMap;

use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr};
use utoipa::{IntoResponses, Modify, OpenApi};

use crate::wire::live::Lagged;
use crate::wire::problem::ProblemBody;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "AOP management API",
        description = "Manage and read an AOP installation. Every list is paged by cursor, every error is an RFC 9457 \
                       problem, and everything below a team is scoped to one team: `?team_id=` or `X-Team-Id`, the \
                       caller's first team when absent.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemBody, Lagged)),
    modifiers(&Bearer),
    security(("bearer" = []))
)]
pub struct ApiDoc;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let mut http = Http::new(HttpAuthScheme::Bearer);
        http.description = Some("An access token from sign-in, or a virtual key (`aop-...`).".to_owned());
        openapi
            .components
            .get_or_insert_with(Default::default)
            .add_security_scheme("bearer", SecurityScheme::Http(http));
    }
}

/// The answer of every endpoint when something is wrong.
pub struct ProblemResponses;

impl IntoResponses for ProblemResponses {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let problem = ResponseBuilder::new()
            .description("What went wrong")
            .content("application/problem+json", Content::new(Some(Ref::from_schema_name("Problem"))))
            .build();
        BTreeMap::from([("default".to_owned(), RefOr::T(problem))])
    }
}
