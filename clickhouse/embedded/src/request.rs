//! One HTTP request in ClickHouse's terms: parameters, settings, format, compression, where the statement is.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request as HttpRequest};
use axum::http::{HeaderMap, Method, header, request::Parts};
use bytes::Bytes;

use crate::compression::{Encoding, Incoming, Outgoing};
use crate::error::Exception;
use crate::settings::{self, Settings};

pub(crate) struct Request {
    /// Of the URL or a form; the body then holds only data.
    pub(crate) query: Option<String>,
    pub(crate) body: Body,
    pub(crate) incoming: Incoming,
    pub(crate) outgoing: Outgoing,
    /// Values of `{name:Type}`.
    pub(crate) params: Vec<(String, String)>,
    pub(crate) settings: Settings,
    pub(crate) database: Option<String>,
    pub(crate) default_format: Option<String>,
    pub(crate) query_id: String,
    pub(crate) session: Option<SessionRequest>,
    /// Hold the answer back until it is whole, so that a late error has its own status.
    pub(crate) wait_end: bool,
}

pub(crate) struct SessionRequest {
    pub(crate) id: String,
    /// Seconds the session is kept after its last statement.
    pub(crate) timeout_s: u64,
    /// Only continue, never begin.
    pub(crate) must_exist: bool,
}

impl Request {
    pub(crate) async fn read(parts: Parts, body: Body, form_limit: usize) -> Result<Self, Exception> {
        let mut pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
                .into_owned()
                .collect();
        let is_form =
            header_text(&parts.headers, header::CONTENT_TYPE.as_str()).starts_with("multipart/form-data");
        let headers = parts.headers.clone();
        let reads_only = parts.method == Method::GET || parts.method == Method::HEAD;
        let body = if is_form {
            pairs.extend(form_fields(parts, body, form_limit).await?);
            Body::empty()
        } else {
            body
        };
        Self::assemble(pairs, &headers, body, reads_only)
    }

    fn assemble(
        pairs: Vec<(String, String)>,
        headers: &HeaderMap,
        body: Body,
        reads_only: bool,
    ) -> Result<Self, Exception> {
        let encoding = header_text(headers, header::CONTENT_ENCODING.as_str());
        let encoding = Encoding::parse(encoding).ok_or_else(|| {
            Exception::bad_request(&format!("Content-Encoding {encoding} is not supported"))
        })?;
        let mut request = Self {
            query: None,
            body,
            incoming: Incoming { encoding, native: false },
            outgoing: Outgoing::Plain,
            params: Vec::new(),
            settings: Settings::default(),
            database: optional_header(headers, "x-clickhouse-database"),
            default_format: optional_header(headers, "x-clickhouse-format"),
            query_id: String::new(),
            session: None,
            wait_end: false,
        };
        let accepts_lz4 = header_text(headers, header::ACCEPT_ENCODING.as_str()).split(',').any(names_lz4);
        if accepts_lz4 {
            request.outgoing = Outgoing::Lz4;
        }
        let (mut session_id, mut timeout_s, mut must_exist) = (None, 60, false);
        for (name, value) in pairs {
            match name.as_str() {
                "query" => request.query = Some(value),
                "database" => request.database = Some(value).filter(|name| !name.is_empty()),
                "default_format" => request.default_format = Some(value),
                "query_id" => request.query_id = value,
                "decompress" => request.incoming.native = is_on(&value),
                "compress" if is_on(&value) => request.outgoing = Outgoing::Native,
                "enable_http_compression" if !is_on(&value) && request.outgoing == Outgoing::Lz4 => {
                    request.outgoing = Outgoing::Plain;
                }
                "wait_end_of_query" => request.wait_end = is_on(&value),
                "session_id" => session_id = Some(value).filter(|id| !id.is_empty()),
                "session_timeout" => timeout_s = value.parse().unwrap_or(60).min(3_600),
                "session_check" => must_exist = is_on(&value),
                other if settings::is_transport(other) => {}
                other => match other.strip_prefix("param_") {
                    Some(param) => request.params.push((param.to_owned(), value)),
                    None => request.settings.add(name, value)?,
                },
            }
        }
        if request.query_id.is_empty() {
            request.query_id = uuid::Uuid::now_v7().to_string();
        }
        if reads_only {
            request.settings.read_only();
        }
        request.session = session_id.map(|id| SessionRequest { id, timeout_s, must_exist });
        Ok(request)
    }
}

/// `lz4` or `lz4;q=1`, but not `lz4;q=0`.
fn names_lz4(item: &str) -> bool {
    let (name, quality) = item.split_once(';').unwrap_or((item, ""));
    name.trim().eq_ignore_ascii_case("lz4") && quality.replace(' ', "") != "q=0"
}

fn is_on(value: &str) -> bool {
    matches!(value, "1" | "true" | "True")
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn optional_header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(header_text(headers, name).to_owned()).filter(|value| !value.is_empty())
}

/// The fields of a form, `query` and `param_*` among them. Files (external tables) are refused.
async fn form_fields(parts: Parts, body: Body, limit: usize) -> Result<Vec<(String, String)>, Exception> {
    let invalid =
        |error: &dyn std::fmt::Display| Exception::bad_request(&format!("the form cannot be read: {error}"));
    let body = Body::new(http_body_util::Limited::new(body, limit));
    let mut request = HttpRequest::from_parts(parts, body);
    axum::extract::DefaultBodyLimit::max(limit).apply(&mut request);
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| invalid(&error))?;
    let mut fields = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| invalid(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        if field.file_name().is_some_and(|file| !file.is_empty() && file != name) {
            return Err(Exception::bad_request("external tables are not supported by the embedded server"));
        }
        let value: Bytes = field.bytes().await.map_err(|error| invalid(&error))?;
        fields.push((name, String::from_utf8_lossy(&value).into_owned()));
    }
    Ok(fields)
}
