//! A client of HTTP/2 over TLS that forgives nothing: it opens another connection when it is told to go away, and never sends
//! a request twice.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use h2::client::SendRequest;
use http::Request;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::world::KEY;

/// One connection at a time; a request goes over it as long as it takes new ones.
pub struct Client {
    address: SocketAddr,
    tls: TlsConnector,
    send: Option<SendRequest<Bytes>>,
    pub connections: u64,
    /// Connections that were told to go away.
    pub told_to_go: u64,
}

impl Client {
    pub fn new(address: &str, certificate: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
        let mut config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec()];
        Self {
            address: address.parse().unwrap(),
            tls: TlsConnector::from(Arc::new(config)),
            send: None,
            connections: 0,
            told_to_go: 0,
        }
    }

    /// Sends all of them at once, and gives what came of each.
    pub async fn calls(&mut self, bodies: Vec<String>) -> Vec<Result<(u16, String), String>> {
        let mut under_way = Vec::new();
        for body in bodies {
            let begun = self.begin(body).await;
            under_way.push(tokio::spawn(async move { finish(begun?).await }));
        }
        let mut answers = Vec::new();
        for call in under_way {
            answers.push(call.await.unwrap());
        }
        answers
    }

    async fn begin(&mut self, body: String) -> Result<h2::client::ResponseFuture, String> {
        let mut send = self.ready().await?;
        let request = Request::post("https://localhost/v1/chat/completions")
            .header("authorization", format!("Bearer {KEY}"))
            .header("content-type", "application/json");
        let request = request.body(()).map_err(|error| error.to_string())?;
        let (response, mut sending) =
            send.send_request(request, false).map_err(|error| format!("send: {error}"))?;
        sending.send_data(body.into(), true).map_err(|error| format!("body: {error}"))?;
        Ok(response)
    }

    /// The connection, or another one when it takes no new requests.
    async fn ready(&mut self) -> Result<SendRequest<Bytes>, String> {
        if let Some(send) = self.send.take() {
            match send.ready().await {
                Ok(ready) => {
                    self.send = Some(ready.clone());
                    return Ok(ready);
                }
                Err(_) => self.told_to_go += 1,
            }
        }
        self.connections += 1;
        let stream = TcpStream::connect(self.address).await.map_err(|error| format!("connect: {error}"))?;
        let name = "localhost".try_into().map_err(|_| "no name")?;
        let stream = self.tls.connect(name, stream).await.map_err(|error| format!("TLS: {error}"))?;
        let (send, connection) =
            h2::client::handshake(stream).await.map_err(|error| format!("HTTP/2: {error}"))?;
        // However it ends, its requests say so.
        tokio::spawn(async move { connection.await.ok() });
        self.send = Some(send.clone());
        send.ready().await.map_err(|error| format!("a new connection: {error}"))
    }
}

async fn finish(response: h2::client::ResponseFuture) -> Result<(u16, String), String> {
    let (head, mut body) = response.await.map_err(|error| format!("header: {error}"))?.into_parts();
    let mut bytes = Vec::new();
    while let Some(piece) = body.data().await {
        let piece = piece.map_err(|error| format!("body, after {} bytes: {error}", bytes.len()))?;
        body.flow_control().release_capacity(piece.len()).map_err(|error| error.to_string())?;
        bytes.extend_from_slice(&piece);
    }
    Ok((head.status.as_u16(), String::from_utf8_lossy(&bytes).into_owned()))
}
