//! Who is calling and what they may do: passwords, access tokens, refresh sessions, virtual keys, teams and roles.

pub mod access;
pub mod access_token;
pub mod caller;
pub mod cookie;
pub mod key_uses;
pub mod link;
pub mod origin;
pub mod password;
pub mod session;
pub mod source;
pub mod throttle;
