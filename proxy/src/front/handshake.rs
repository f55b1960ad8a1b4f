//! The handshake of TLS, in the gateway's own hands: it counts as a connection from its first moment, gets no more time than
//! a header does, and one that fails is counted and leaves a line, not an error in the log for anybody to fill it with.

use std::time::Duration;

use pingora_core::listeners::tls::Acceptor;
use pingora_core::protocols::Stream;
use pingora_core::protocols::l4::stream::Stream as Plain;

/// Longest reason kept of a handshake that failed; it is ours and the library's words, and names of the client's.
const DETAIL_MAX_CHARS: usize = 200;

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoHandshake {
    /// It was not over in time.
    TooLate,
    /// What went wrong, in the words of the TLS library.
    Failed(String),
}

pub(crate) async fn shake(
    acceptor: &Acceptor,
    stream: Stream,
    within: Duration,
) -> Result<Stream, NoHandshake> {
    let Ok(plain) = stream.into_any().downcast::<Plain>() else {
        return Err(NoHandshake::Failed("it is no connection of a network".to_owned()));
    };
    match tokio::time::timeout(within, acceptor.tls_handshake(*plain)).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(error)) => Err(NoHandshake::Failed(why(&error.to_string()))),
        Err(_) => Err(NoHandshake::TooLate),
    }
}

/// The library's reason, without what pingora says around it.
fn why(said: &str) -> String {
    let reason = said.rsplit("tls connect error: ").next().unwrap_or(said);
    reason.lines().next().unwrap_or_default().chars().take(DETAIL_MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_pingora_says_only_the_reason_stays() {
        let said = " TLSHandshakeFailure context: TLS accept() failed:  TLSHandshakeFailure context: tls connect error: received fatal alert: UnknownCA";
        assert_eq!(why(said), "received fatal alert: UnknownCA");
        assert_eq!(why("something else\nand more"), "something else");
        assert_eq!(why(&"x".repeat(1_000)).len(), DETAIL_MAX_CHARS);
    }
}
