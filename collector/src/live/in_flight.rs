//! Calls in flight, as the gateways tell them (`aop_domain::in_flight`): kept in memory for as long as somebody listens,
//! and passed on. Nothing of it is stored.
//!
//! | address | for |
//! |---------|-----|
//! | `GET /live/wanted?boot=&version=` | gateways: what they are to tell; answered when that is other than `version`, or after 20 s |
//! | `POST /live/calls` | gateways: what they have to tell |
//! | `GET /live/calls?team_id=` | the api: the calls in flight of a team, oldest first |
//! | `GET /live/calls/stream` | the api: server-sent events `call_started`, `call_progress`, `call_ended`, as JSON with `type`, `agent_id` and the fields of the call |
//! | `GET /live/calls/{id}/text?team_id=` | the api: the text of one call as it comes, events `text`, `gap`, `end` |

mod board;
mod gateways;
mod readers;

pub(crate) use board::Board;
pub(crate) use gateways::{tell, wanted};
pub(crate) use readers::{list, stream, text};
