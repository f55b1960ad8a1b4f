//! What the deployment is sent that goes on: the client's request with what was said so far as its last message.

use aop_dialects::Dialect;
use aop_dialects::form::{self, Effort, Message, Output, Part, Role};
use aop_dialects::providers::continuing::{self, Continuing};
use aop_domain::routing::Continues;
use serde_json::{Value, json};

use super::said::Said;
use crate::snapshot::Target;
use crate::upstream::outgoing::Outgoing;

/// A token is about so many bytes of text.
const BYTES_A_TOKEN: u64 = 4;

pub(crate) struct Asked<'a> {
    pub(crate) outgoing: Outgoing<'a>,
    /// The answer may begin with what was said.
    pub(crate) echoes: bool,
}

/// How one target is asked to go on.
pub(crate) struct Question<'a> {
    pub(crate) said: &'a Said,
    how: Continuing,
}

impl<'a> Question<'a> {
    /// `None`: this target would answer anew, or the request wants what a continuation cannot keep: thoughts come before
    /// the text, a shape is kept from its first character on, and of several answers only one is continued.
    pub(crate) fn of(said: &'a Said, form: &form::Request, target: &Target) -> Option<Self> {
        let deployment = &target.deployment;
        let how = match deployment.continues {
            Continues::Auto => {
                continuing::how(&deployment.provider.kind, &deployment.upstream_model, &target.base_path)?
            }
            Continues::Never => return None,
            Continues::LastMessage => Continuing::LastMessage,
            Continues::Prefix => Continuing::Prefix,
            Continues::FinalMessage => Continuing::FinalMessage,
        };
        let thinks = form.reasoning.as_ref().is_some_and(|reasoning| {
            reasoning.enabled != Some(false) && reasoning.effort != Some(Effort::None)
        });
        let is_one = form.rest.get("n").is_none_or(|n| *n == 1);
        let has_begun_itself = form.messages.last().is_some_and(|message| message.role == Role::Assistant);
        (!thinks && form.output == Output::Text && is_one && !has_begun_itself).then_some(Self { said, how })
    }

    pub(crate) fn echoes(&self) -> bool {
        self.how == Continuing::Prefix
    }

    /// For a target of another dialect.
    pub(crate) fn change(&self, request: &mut form::Request) {
        let given = Part::text(self.said.given());
        request.messages.push(Message::new(Role::Assistant, vec![given]));
        request.max_output_tokens = request.max_output_tokens.map(|most| self.left_of(most));
    }

    /// For a target of the client's own: everything else stays as the client wrote it.
    pub(crate) fn changed(&self, body: &[u8], dialect: Dialect, model: &str) -> Option<Value> {
        let mut body: Value = serde_json::from_slice(body).ok()?;
        body["messages"].as_array_mut()?.push(json!({ "role": "assistant", "content": self.said.given() }));
        body["model"] = model.into();
        for bound in ["max_tokens", "max_completion_tokens"] {
            if let Some(most) = body[bound].as_u64() {
                body[bound] = self.left_of(most).into();
            }
        }
        if dialect == Dialect::Chat {
            let options = &mut body["stream_options"];
            if options.is_null() {
                *options = json!({});
            }
            options.as_object_mut()?.insert("include_usage".to_owned(), true.into());
        }
        Some(body)
    }

    /// In the words of this provider.
    pub(crate) fn say(&self, body: &mut Value) {
        continuing::say(body, self.how);
    }

    /// Of a bound on the whole answer.
    fn left_of(&self, most: u64) -> u64 {
        most.saturating_sub(self.said.text.len() as u64 / BYTES_A_TOKEN).max(1)
    }
}
